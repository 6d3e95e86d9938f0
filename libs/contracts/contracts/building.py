"""What builders look at while they build: a test search, the size of instructions, statistics."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.conversations import Rating
from contracts.generation import ModelPrice


class TestSearch(BaseModel):
    """Search the knowledge of a draft as an answer would."""

    __test__ = False  # no test, whatever its name begins with
    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=10, ge=1, le=20)


class RankedPassage(BaseModel):
    """A passage found, with what it was ranked by.

    score: of meaning and words together, 0 to 1. similarity: of meaning alone, -1 to 1.
    words: of the words it shares with the question, 0 or more. is_read: near enough to be read
    for an answer, as strict as the draft is.
    """

    passage_id: str
    file_id: str
    filename: str
    document_version: int
    page: int | None
    header: str
    text: str
    score: float
    similarity: float
    words: float
    is_read: bool


class RankedPassages(BaseModel):
    """Passages, best first. withheld_collections: how many were not searched, because whoever
    tests may not read their files."""

    object: Literal["list"] = "list"
    query: str
    data: list[RankedPassage]
    withheld_collections: int = 0


class MeasuredModel(BaseModel):
    """A model that an assistant may run on: what fits into it, and what it costs."""

    id: str
    window_tokens: int
    price: ModelPrice


class Measure(BaseModel):
    """The size of a draft's instructions, in tokens of its model.

    model: the one the draft runs on. instructions_tokens, window_tokens: None while that model is
    not served. unknown_variables: names in the instructions that are no variable and stay as
    written. models: those served now; empty while no engine answers.
    """

    object: Literal["assistant.measure"] = "assistant.measure"
    model: str
    instructions_tokens: int | None = None
    window_tokens: int | None = None
    unknown_variables: list[str] = Field(default_factory=list)
    models: list[MeasuredModel] = Field(default_factory=list)


class DayOfUse(BaseModel):
    """A day of UTC: what the published assistant was asked in conversations, and what it cost.

    day: as in 2026-11-23. cost: a decimal string, of answers in conversations and through the API.
    """

    day: str
    conversations: int = 0
    answers: int = 0
    cost: str = "0"


class AssistantStatistics(BaseModel):
    """How an assistant was used over the last days, drafts and trials left out.

    people: different members. answers: finished ones. not_found: answers that cite nothing though
    the assistant has documents. No question is told here. shows_unanswered: builders may read
    those that found nothing (`UnansweredQuestion`).
    rated_up, rated_down: answers that their readers gave a thumb, trials of the draft included.
    costs: currency -> what all its calls cost, trials included. days: oldest first, each of them;
    their cost is in `currency`, the one most was paid in.
    """

    object: Literal["assistant.statistics"] = "assistant.statistics"
    conversations: int
    people: int
    answers: int
    not_found: int
    shows_unanswered: bool = False
    rated_up: int = 0
    rated_down: int = 0
    costs: dict[str, str]
    currency: str | None
    days: list[DayOfUse]


class UnansweredQuestion(BaseModel):
    """A question that the assistant's files did not answer, told to its builders: without a name,
    the conversation, or a time finer than the day.

    id: of the words and the day, for paging. text: of long ones the first 500 characters.
    times: how often it was asked in the same words. day: the last one, of UTC, as in 2026-11-23.
    """

    id: str
    object: Literal["assistant.unanswered_question"] = "assistant.unanswered_question"
    text: str
    times: int
    day: str


class FeedbackNote(BaseModel):
    """What a reader of an answer wrote for the assistant's builders: without their name, and
    without the question and the answer."""

    id: str
    object: Literal["assistant.feedback"] = "assistant.feedback"
    rating: Rating
    comment: str
    correction: str
    updated_at: int


class DraftRequest(BaseModel):
    """A few sentences about an assistant that somebody would like to have."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(min_length=1, max_length=2_000)


class DraftedAssistant(BaseModel):
    """What a model made of them: to be read and changed by whoever asked. Nothing is made of it
    by itself."""

    object: Literal["assistant.draft"] = "assistant.draft"
    name: str
    description: str
    instructions: str
    starters: list[str]
