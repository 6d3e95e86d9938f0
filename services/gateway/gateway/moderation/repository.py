"""Finds and keeps cases, reports, take-downs and the featured shelf."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, false, func, or_, select

from contracts.assistants import Visibility
from contracts.moderation import CaseState
from gateway.accounts.tables import Member
from gateway.assistants.repository import ASSISTANTS, IS_PUBLIC
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.catalog.errors import ListingNotFound
from gateway.db import Transaction
from gateway.moderation.tables import Case, FeaturedSlot, Report, Takedown
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import Source
from gateway.policy.words import Kind


def _missing(id_or_slug: str) -> ListingNotFound:
    return ListingNotFound(f"There is no listing {id_or_slug}.")


def judged() -> Source[Assistant]:
    """What moderators may judge: what stands in the store, what was reported while it did, and what
    they took out of it. The way there is to run the installation; it leads to nothing else."""
    is_listed = and_(
        Assistant.visibility == Visibility.PUBLIC.value, Assistant.published_version.is_not(None)
    )
    is_reported = exists().where(Case.assistant_id == Assistant.id, Case.outcome.is_(None))
    return replace(
        ASSISTANTS,
        kind=Kind.INSTALLATION,
        exists=and_(
            Assistant.deleted_at.is_(None),
            or_(is_listed, Assistant.taken_down_at.is_not(None), is_reported),
        ),
        missing=_missing,
        is_open=false(),
        is_public=false(),
    )


@dataclass(frozen=True)
class Shown:
    """What a moderator sees of an assistant: what its published version says to everybody."""

    assistant_id: str
    slug: str
    name: str
    description: str
    owner_id: str
    builder: str
    version: int | None
    is_listed: bool


class CaseRepository:
    """Cases and reports inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def one_by_one(self, name: str) -> None:
        """Whoever changes what belongs to this waits for the others, until this commit."""
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"moderation {name}", 0))
        await self._tx.execute(select(lock))

    def add(self, row: Case | Report | Takedown) -> None:
        """Make it part of this transaction."""
        self._tx.add(row)

    async def flush(self) -> None:
        """Send what was added, so that what names it can follow."""
        await self._tx.flush()

    async def find(self, case_id: str) -> Case | None:
        """A case, by its id, as it is now."""
        return await self._tx.get(Case, case_id, populate_existing=True)

    async def open_of(self, assistant_id: str) -> Case | None:
        """The open case of an assistant."""
        query = select(Case).where(Case.assistant_id == assistant_id, Case.outcome.is_(None))
        return await self._tx.scalar(query.execution_options(populate_existing=True))

    async def latest_of(self, assistant_id: str) -> Case:
        """The case of an assistant that was opened last; there is one."""
        query = select(Case).where(Case.assistant_id == assistant_id).order_by(Case.id.desc())
        return (await self._tx.scalars(query.limit(1))).one()

    async def page(self, state: CaseState, page: PageRequest) -> Rows[Case]:
        """Cases that wait, or that were judged."""
        return await fetch_page(self._tx, _in_state(state), Case.id, page)

    async def count_open(self) -> tuple[int, int]:
        """Cases that wait, and how many of them are appeals."""
        waiting = _in_state(CaseState.OPEN).subquery()
        query = select(func.count(), func.count().filter(waiting.c.is_appeal)).select_from(waiting)
        row = (await self._tx.execute(query)).one()
        return row[0], row[1]

    async def report_of(self, assistant_id: str, member_id: str) -> Report | None:
        """What somebody has against an assistant, while it waits."""
        query = (
            select(Report)
            .join(Case, Case.id == Report.case_id)
            .where(Case.assistant_id == assistant_id, Case.outcome.is_(None))
            .where(Report.member_id == member_id)
        )
        return await self._tx.scalar(query)

    async def made_since(self, member_id: str, moment: datetime) -> int:
        """How many reports somebody has made since then."""
        query = select(func.count()).where(
            Report.member_id == member_id, Report.created_at >= moment
        )
        return await self._tx.scalar(query) or 0

    async def withdraw(self, report: Report) -> None:
        """As if it had never been made."""
        await self._tx.execute(delete(Report).where(Report.id == report.id))

    async def reports(self, case_ids: Collection[str], most: int) -> dict[str, list[Report]]:
        """case id -> its latest reports, at most so many of each."""
        place = func.row_number().over(partition_by=Report.case_id, order_by=Report.id.desc())
        numbered = select(Report.id, place.label("place")).where(Report.case_id.in_(case_ids))
        latest = numbered.subquery()
        query = (
            select(Report)
            .join(latest, latest.c.id == Report.id)
            .where(latest.c.place <= most)
            .order_by(Report.id.desc())
        )
        found: dict[str, list[Report]] = {}
        for report in await self._tx.scalars(query):
            found.setdefault(report.case_id, []).append(report)
        return found

    async def reasons(self, case_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """case id -> reason -> how many gave it, the most frequent first."""
        query = (
            select(Report.case_id, Report.reason, func.count())
            .where(Report.case_id.in_(case_ids))
            .group_by(Report.case_id, Report.reason)
            .order_by(func.count().desc(), Report.reason)
        )
        found: dict[str, dict[str, int]] = {}
        for case_id, reason, count in await self._tx.execute(query):
            found.setdefault(case_id, {})[reason] = count
        return found

    async def names(self, member_ids: Collection[str]) -> dict[str, str]:
        """member id -> the name they go by."""
        query = select(Member.id, Member.name).where(Member.id.in_(member_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}

    async def address_of(self, member_id: str) -> str | None:
        """Where a builder is written to; None: they are gone."""
        return await self._tx.scalar(select(Member.email).where(Member.id == member_id)) or None

    async def shown(self, assistant_ids: Collection[str]) -> dict[str, Shown]:
        """assistant id -> what its listing says, or said."""
        rows = await self._tx.execute(_shown().where(Assistant.id.in_(assistant_ids)))
        return {row[0]: Shown(*row) for row in rows}

    async def definition(self, case: Case) -> tuple[int, Mapping[str, Any]] | None:
        """The published version of what a case is about: its number, and all that it says."""
        query = (
            select(AssistantVersion.version, AssistantVersion.definition)
            .join(Assistant, _is_current())
            .join(Case, Case.assistant_id == Assistant.id)
            .where(Case.id == case.id, Assistant.deleted_at.is_(None))
        )
        found = (await self._tx.execute(query)).first()
        return None if found is None else (found[0], found[1])


class TakedownRepository:
    """What is out of the store, inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def standing(self, assistant_ids: Collection[str]) -> dict[str, Takedown]:
        """assistant id -> why it is out of the store."""
        query = select(Takedown).where(
            Takedown.assistant_id.in_(assistant_ids), Takedown.lifted_at.is_(None)
        )
        found = await self._tx.scalars(query.execution_options(populate_existing=True))
        return {each.assistant_id: each for each in found}


class FeaturedRepository:
    """The store's first shelf, inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def ids(self) -> Sequence[str]:
        """The assistants in their order, those too that are no longer public."""
        query = select(FeaturedSlot.assistant_id).order_by(FeaturedSlot.place)
        return (await self._tx.scalars(query)).all()

    async def replace(self, assistant_ids: Sequence[str]) -> None:
        """Put these there, and nothing else."""
        await self._tx.execute(delete(FeaturedSlot))
        for place, assistant_id in enumerate(assistant_ids, start=1):
            self._tx.add(FeaturedSlot(place=place, assistant_id=assistant_id))
        await self._tx.flush()


def _in_state(state: CaseState) -> Select[Case]:
    if state is CaseState.CLOSED:
        return select(Case).where(Case.outcome.is_not(None))
    has_reports = exists().where(Report.case_id == Case.id)
    # Whoever reported may have taken it back, or be gone; a deleted listing is nobody's problem.
    return (
        select(Case)
        .join(Assistant, Assistant.id == Case.assistant_id)
        .where(Case.outcome.is_(None), Assistant.deleted_at.is_(None))
        .where(or_(Case.is_appeal, has_reports))
    )


def _is_current() -> ColumnElement[bool]:
    return (AssistantVersion.assistant_id == Assistant.id) & (
        AssistantVersion.version == Assistant.published_version
    )


def _shown() -> Select[*tuple[Any, ...]]:
    said = AssistantVersion.definition
    return (
        select(
            Assistant.id,
            Assistant.slug,
            func.coalesce(said["name"].astext, Assistant.slug),
            func.coalesce(said["description"].astext, ""),
            Assistant.owner_id,
            Member.name,
            Assistant.published_version,
            IS_PUBLIC,
        )
        .outerjoin(AssistantVersion, _is_current())
        .join(Member, Member.id == Assistant.owner_id)
    )
