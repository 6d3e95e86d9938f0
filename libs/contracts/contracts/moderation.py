"""Keeping the store in order: reports, what is judged of them, take-downs, featured listings."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.catalog import Builder, ListingCard

REPORT_CHARACTERS = 2_000
MOST_FEATURED = 8
_SLUG_CHARACTERS = 100

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=REPORT_CHARACTERS)]
SomeWords = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REPORT_CHARACTERS)
]


class ReportReason(StrEnum):
    """What is wrong with a listing.

    copied: it is somebody else's work. personal_data: it tells what is nobody's business.
    """

    HARMFUL = "harmful"
    MISLEADING = "misleading"
    COPIED = "copied"
    PERSONAL_DATA = "personal_data"
    SPAM = "spam"
    OTHER = "other"


class ReportWrite(BaseModel):
    """What a reader has against a listing, the whole of it."""

    model_config = ConfigDict(extra="forbid")

    reason: ReportReason
    words: Words = ""


class OwnReport(BaseModel):
    """The caller's report on a listing, while it waits to be judged."""

    object: Literal["listing.report"] = "listing.report"
    reason: ReportReason
    words: str
    created_at: int
    changed_at: int


class OwnReports(BaseModel):
    """The caller's open report on a listing: one or none."""

    object: Literal["list"] = "list"
    data: list[OwnReport]


class ReportWithdrawn(BaseModel):
    """The report is taken back, or there was none."""

    object: Literal["listing.report.deleted"] = "listing.report.deleted"
    slug: str
    deleted: bool = True


class CaseState(StrEnum):
    """open: somebody waits for a judgement. closed: it was given."""

    OPEN = "open"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """How a case ended: nothing was done, the listing is out of the store, or is back in it."""

    DISMISSED = "dismissed"
    TAKEN_DOWN = "taken_down"
    LET_BACK = "let_back"


class CaseReport(BaseModel):
    """A report as moderators read it. version: what was published then. name: whose it is."""

    id: str
    reason: ReportReason
    words: str
    version: int
    name: str
    created_at: int
    changed_at: int


class ReasonCount(BaseModel):
    """How many gave a reason."""

    reason: ReportReason
    count: int


class TakedownView(BaseModel):
    """Why an assistant is out of the store, and what its builders say to that.

    words: the reason. answer: "" while there is none. may_answer: it can be written, or written
    anew; once it was judged it stays as it is.
    """

    object: Literal["takedown"] = "takedown"
    words: str
    created_at: int
    answer: str
    answered_at: int | None
    may_answer: bool


class Takedowns(BaseModel):
    """Why an assistant is out of the store: one, or none if it is not."""

    object: Literal["list"] = "list"
    data: list[TakedownView]


class JudgedListing(BaseModel):
    """What a case is about. is_listed: it stands in the store at this moment."""

    assistant_id: str
    slug: str
    name: str
    description: str
    builder: Builder
    version: int | None
    is_listed: bool


class ReportCase(BaseModel):
    """What is said against one listing until somebody judges it, and the judgement.

    people: how many reported it. reports: the latest of them; `GET …/reports/{id}` has at most 100.
    is_appeal: its builders ask for another look. takedown: the one that holds now.
    outcome, words, closed_at, closed_by: of a closed one.
    """

    id: str
    object: Literal["report_case"] = "report_case"
    created_at: int
    listing: JudgedListing
    people: int
    reasons: list[ReasonCount]
    reports: list[CaseReport]
    is_appeal: bool
    takedown: TakedownView | None
    outcome: CaseOutcome | None
    words: str
    closed_at: int | None
    closed_by: str | None


class CaseClose(BaseModel):
    """The judgement. words: the reason, which a take-down needs: its builders read it."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["dismissed", "taken_down"]
    words: Words = ""


class CaseReading(BaseModel):
    """What the published version of a reported assistant tells its model."""

    object: Literal["report_case.reading"] = "report_case.reading"
    version: int
    instructions: str
    starters: list[str]


class TakedownWrite(BaseModel):
    """Why an assistant leaves the store: its builders read it."""

    model_config = ConfigDict(extra="forbid")

    words: SomeWords


class TakedownAnswer(BaseModel):
    """Why its builders ask for another look."""

    model_config = ConfigDict(extra="forbid")

    words: SomeWords


class LetBack(BaseModel):
    """The assistant is not taken down, or no longer."""

    object: Literal["takedown.deleted"] = "takedown.deleted"
    assistant_id: str
    deleted: bool = True


def _each_once(slugs: list[str]) -> list[str]:
    if len(set(slugs)) < len(slugs):
        raise ValueError("a listing has one place at most")
    return slugs


class FeaturedWrite(BaseModel):
    """The listings on the store's first shelf, in their order."""

    model_config = ConfigDict(extra="forbid")

    slugs: Annotated[
        list[Annotated[str, StringConstraints(max_length=_SLUG_CHARACTERS)]],
        Field(max_length=MOST_FEATURED),
        AfterValidator(_each_once),
    ]


class Featured(BaseModel):
    """The listings on the store's first shelf; what is no longer public is not among them."""

    object: Literal["list"] = "list"
    data: list[ListingCard]


class StoreState(BaseModel):
    """What waits for moderators: open cases, and how many of them are appeals."""

    object: Literal["store_state"] = "store_state"
    open_cases: int
    appeals: int
