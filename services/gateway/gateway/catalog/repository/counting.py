"""What the counting task reads and writes: people and votes by weight, and prints of versions."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, func, literal, or_, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import aliased

from gateway.accounts.tables import Member
from gateway.assistants.repository import IS_PUBLIC
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.catalog.rules.likeness import MOST_FILES, Likeness
from gateway.catalog.rules.listed import Cost
from gateway.catalog.rules.ranking import FORMER_DAYS, GROWN_DAYS, RECENT_DAYS, Voters
from gateway.catalog.tables import ListingPerson, ListingPrint, ListingScore, Rating
from gateway.db import Transaction
from gateway.knowledge.tables import Document, File
from gateway.usage.tables import LedgerEntry

# Any number: whoever holds it counts, others come round again.
_ONE_AT_A_TIME = 6_201_847_311
RECOUNT_HOURS = 24
"""Accounts grow and weeks pass: each listing is counted again so often whatever happens."""
REST_SECONDS = 10
OVERLAP_SECONDS = 60
"""A use may be committed after a count that began after it."""
MOST_ALIKE = 200
PRICED_DAYS = 30
PRICED_ANSWERS = 1_000
LEAST_ANSWERS, LEAST_PEOPLE = 20, 3
"""Of fewer a median says what one person paid."""


@dataclass(frozen=True)
class Counted:
    """Of one listing: people by group, and the plain numbers that are shown."""

    voters: Sequence[Voters]
    people: int
    conversations: int
    answers: int
    stars: Sequence[int]


class Unprinted(NamedTuple):
    """A version without a print."""

    assistant_id: str
    version: int
    instructions: str
    collection_ids: list[str]
    listed_at: datetime


class Printed(NamedTuple):
    """A print as it is kept."""

    assistant_id: str
    likeness: Likeness
    since: datetime


class CountingRepository:
    """Scores and prints inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def is_alone(self) -> bool:
        """Whether no other gateway counts until this commit."""
        return bool(await self._tx.scalar(select(func.pg_try_advisory_xact_lock(_ONE_AT_A_TIME))))

    async def list_new(self, now: datetime) -> None:
        """Give a row to each listing that has none."""
        has_none = ~select(ListingScore).where(ListingScore.assistant_id == Assistant.id).exists()
        new = select(Assistant.id, literal(now), literal(now)).where(IS_PUBLIC, has_none)
        columns = ["assistant_id", "listed_at", "changed_at"]
        rows = insert(ListingScore).from_select(columns, new)
        await self._tx.execute(rows.on_conflict_do_nothing())

    async def due(self, now: datetime, most: int) -> Sequence[ListingScore]:
        """Listings to be counted, held until this commit, in one order everywhere."""
        counted = ListingScore.counted_at
        used = (
            select(ListingPerson.member_id)
            .where(
                ListingPerson.assistant_id == ListingScore.assistant_id,
                ListingPerson.last_used_at > counted - timedelta(seconds=OVERLAP_SECONDS),
            )
            .exists()
        )
        # Once in a while is enough for what is used all the time.
        rests = counted < now - timedelta(seconds=REST_SECONDS)
        is_old = counted < now - timedelta(hours=RECOUNT_HOURS)
        query = (
            select(ListingScore)
            .where(or_(counted.is_(None), is_old, and_(rests, used)))
            # What was used keeps coming back for a minute: whatever waits longer goes first.
            .order_by(counted.asc().nulls_first(), ListingScore.assistant_id)
            .limit(most)
        )
        ids = [each.assistant_id for each in await self._tx.scalars(query)]
        held = (
            select(ListingScore)
            .where(ListingScore.assistant_id.in_(ids))
            .order_by(ListingScore.assistant_id)
            .with_for_update(key_share=True)
        )
        return (await self._tx.scalars(held.execution_options(populate_existing=True))).all()

    async def counted(self, ids: Collection[str], now: datetime) -> dict[str, Counted]:
        """assistant id -> its people and votes; nothing for a listing that nobody used."""
        person, is_full = ListingPerson, _is_full(now).label("is_full")
        recent = person.last_used_at > now - timedelta(days=RECENT_DAYS)
        former = and_(
            person.first_used_at <= now - timedelta(days=RECENT_DAYS),
            person.last_used_at > now - timedelta(days=RECENT_DAYS + FORMER_DAYS),
        )
        query = (
            select(
                person.assistant_id,
                is_full,
                func.count(),
                func.count(Rating.stars),
                func.coalesce(func.sum(Rating.stars), 0),
                func.count().filter(recent),
                func.count().filter(former),
                func.sum(person.conversations),
                func.sum(person.answers),
                *(func.count().filter(Rating.stars == number) for number in range(1, 6)),
            )
            .join(Member, Member.id == person.member_id)
            .outerjoin(
                Rating,
                and_(
                    Rating.assistant_id == person.assistant_id,
                    Rating.member_id == person.member_id,
                ),
            )
            .where(person.assistant_id.in_(ids))
            .group_by(person.assistant_id, person.workspace_id, is_full)
        )
        groups: defaultdict[str, list[Any]] = defaultdict(list)
        for row in await self._tx.execute(query):
            groups[row[0]].append(row)
        return {name: _counted(rows) for name, rows in groups.items()}

    async def costs(self, ids: Collection[str], now: datetime) -> dict[str, Cost]:
        """assistant id -> the middle of what its latest answers cost, of those with enough."""
        entry, wanted = LedgerEntry, func.unnest(literal(list(ids), ARRAY(Text)))
        of = select(wanted.label("id")).subquery("wanted")
        latest = (
            select(entry.currency, entry.amount_pico, entry.member_id)
            .where(
                entry.assistant_id == of.c.id,
                entry.created_at > now - timedelta(days=PRICED_DAYS),
                entry.purpose == "chat",
                entry.status == "complete",
                entry.corrects.is_(None),
                # A draft is tried by those who build it.
                entry.assistant_version.is_not(None),
            )
            .order_by(entry.created_at.desc())
            .limit(PRICED_ANSWERS)
            .lateral("latest")
        )
        middle = func.percentile_disc(0.5).within_group(latest.c.amount_pico)
        query = (
            select(of.c.id, latest.c.currency, middle)
            .join(latest, true())
            .group_by(of.c.id, latest.c.currency)
            .having(
                func.count() >= LEAST_ANSWERS,
                func.count(latest.c.member_id.distinct()) >= LEAST_PEOPLE,
            )
            .order_by(of.c.id, func.count())
        )
        # Of several currencies the one that most answers were paid in, which comes last.
        return {row[0]: Cost(row[1], int(row[2])) for row in await self._tx.execute(query)}

    async def unprinted(self, most: int) -> Sequence[Unprinted]:
        """Listings whose published version has no print yet."""
        said = AssistantVersion.definition
        query = (
            select(
                Assistant.id,
                AssistantVersion.version,
                func.coalesce(said["instructions"].astext, ""),
                AssistantVersion.epochs,
                ListingScore.listed_at,
            )
            .join(
                AssistantVersion,
                and_(
                    AssistantVersion.assistant_id == Assistant.id,
                    AssistantVersion.version == Assistant.published_version,
                ),
            )
            .join(ListingScore, ListingScore.assistant_id == Assistant.id)
            .outerjoin(ListingPrint, ListingPrint.assistant_id == Assistant.id)
            .where(IS_PUBLIC, ListingPrint.version.is_distinct_from(AssistantVersion.version))
            .order_by(ListingScore.listed_at, Assistant.id)
            .limit(most)
        )
        rows = await self._tx.execute(query)
        return [Unprinted(row[0], row[1], row[2], sorted(row[3]), row[4]) for row in rows]

    async def file_hashes(self, collection_ids: Collection[str]) -> list[str]:
        """The first hashes of what is in these collections."""
        query = (
            select(File.sha256)
            .distinct()
            .join(Document, Document.file_id == File.id)
            .where(Document.collection_id.in_(collection_ids), Document.deleted_at.is_(None))
            .order_by(File.sha256)
            .limit(MOST_FILES)
        )
        return list(await self._tx.scalars(query))

    async def print_of(self, assistant_id: str) -> Printed | None:
        """The print that is kept of a listing."""
        query = select(ListingPrint).where(ListingPrint.assistant_id == assistant_id)
        found = await self._tx.scalar(query)
        return None if found is None else _printed(found)

    async def keep_print(self, version: int, printed: Printed) -> None:
        """Keep it in the place of the former one."""
        likeness = printed.likeness
        values = {
            "version": version,
            "sketch": list(likeness.sketch),
            "bands": likeness.bands,
            "is_short": likeness.is_short,
            "files": sorted(likeness.files),
            "since": printed.since,
        }
        await self._tx.execute(
            insert(ListingPrint)
            .values(assistant_id=printed.assistant_id, **values)
            .on_conflict_do_update(index_elements=["assistant_id"], set_=values)
        )

    async def perhaps_alike(self, printed: Printed) -> Sequence[Printed]:
        """Listings whose instructions have something in common with it, the eldest first."""
        query = (
            select(ListingPrint)
            .join(Assistant, Assistant.id == ListingPrint.assistant_id)
            .where(
                ListingPrint.bands.overlap(printed.likeness.bands),
                ListingPrint.assistant_id != printed.assistant_id,
                IS_PUBLIC,
            )
            .order_by(ListingPrint.since, ListingPrint.assistant_id)
            .limit(MOST_ALIKE)
        )
        return [_printed(each) for each in await self._tx.scalars(query)]

    async def copies_of(self, assistant_id: str) -> Sequence[Printed]:
        """What is said to repeat it."""
        query = (
            select(ListingPrint)
            .join(ListingScore, ListingScore.assistant_id == ListingPrint.assistant_id)
            .where(ListingScore.similar_to == assistant_id)
            .order_by(ListingPrint.since, ListingPrint.assistant_id)
            .limit(MOST_ALIKE)
        )
        return [_printed(each) for each in await self._tx.scalars(query)]

    async def call_similar(self, assistant_id: str, other_id: str | None, now: datetime) -> None:
        """Say which one it repeats; None: none."""
        await self._tx.execute(
            update(ListingScore)
            .where(
                ListingScore.assistant_id == assistant_id,
                ListingScore.similar_to.is_distinct_from(other_id),
            )
            .values(similar_to=other_id, changed_at=now)
        )


def _is_full(now: datetime) -> ColumnElement[bool]:
    """Whether a person's vote counts whole: a grown account that used another builder's too."""
    other = aliased(ListingPerson)
    used_another = (
        select(other.assistant_id)
        .where(
            other.member_id == ListingPerson.member_id,
            other.builder_id != ListingPerson.builder_id,
        )
        .exists()
    )
    return and_(Member.created_at <= now - timedelta(days=GROWN_DAYS), used_another)


def _counted(rows: Sequence[Any]) -> Counted:
    return Counted(
        voters=[
            Voters(
                is_full=row[1],
                people=row[2],
                votes=row[3],
                stars=int(row[4]),
                recent=row[5],
                former=row[6],
            )
            for row in rows
        ],
        people=sum(row[2] for row in rows),
        conversations=int(sum(row[7] for row in rows)),
        answers=int(sum(row[8] for row in rows)),
        stars=[sum(row[number] for row in rows) for number in range(9, 14)],
    )


def _printed(row: ListingPrint) -> Printed:
    likeness = Likeness(tuple(row.sketch), row.is_short, frozenset(row.files))
    return Printed(row.assistant_id, likeness, row.since)
