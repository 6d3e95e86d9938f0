"""Public assistants as the store reads them, by what their published versions say."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, select

from gateway.accounts.tables import Member
from gateway.assistants.repository import ASSISTANTS, IS_PUBLIC
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.catalog.errors import ListingNotFound
from gateway.catalog.rules.listed import Card, Cost, Place
from gateway.catalog.rules.ranking import Weights
from gateway.catalog.tables import ListingScore
from gateway.db import Transaction
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action

MOST_LISTINGS = 100_000
PLACES_READ = 500
MOST_VERSIONS = 20


def _missing(slug: str) -> ListingNotFound:
    return ListingNotFound(f"There is no listing {slug}.")


LISTINGS = replace(ASSISTANTS, exists=IS_PUBLIC, missing=_missing)
"""Public and published ones; anything else is no listing, whoever asks."""

IS_CURRENT = (AssistantVersion.assistant_id == Assistant.id) & (
    AssistantVersion.version == Assistant.published_version
)


class Words(NamedTuple):
    """What of a listing can be searched."""

    id: str
    version: int
    name: str
    tags: list[str]
    builder: str
    description: str


class ListingRepository:
    """Listings inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def stamp(self) -> tuple[Any, ...]:
        """Changes when a listing comes, goes, is published anew or changes hands."""
        facts = func.concat_ws(
            " ", Assistant.id, Assistant.published_version, Assistant.owner_id, Assistant.slug
        )
        query = select(func.count(), func.sum(func.hashtextextended(facts, 0))).where(IS_PUBLIC)
        return tuple((await self._tx.execute(query)).one())

    async def scores_stamp(self) -> datetime | None:
        """Changes when a count comes out otherwise."""
        return await self._tx.scalar(select(func.max(ListingScore.changed_at)))

    async def places(self, now: datetime) -> list[Place]:
        """Every listing with what it is ranked by."""
        found: list[Place] = []
        # By pieces: ten thousand rows at once would stop everybody who is being answered.
        rows = await self._tx.stream(_places().limit(MOST_LISTINGS))
        async for part in rows.partitions(PLACES_READ):
            found += [_place(row, now) for row in part]
        public = {each.id for each in found}
        return [
            replace(each, similar_to=None)
            if each.is_similar and each.similar_to not in public
            else each
            for each in found
        ]

    async def words(self, ids: Collection[str]) -> list[Words]:
        """What can be searched of these listings."""
        said = AssistantVersion.definition
        query = (
            select(
                Assistant.id,
                AssistantVersion.version,
                said["name"].astext,
                said["tags"],
                Member.name,
                func.coalesce(said["description"].astext, ""),
            )
            .join(AssistantVersion, IS_CURRENT)
            .join(Member, Member.id == Assistant.owner_id)
            .where(Assistant.id.in_(ids), IS_PUBLIC)
        )
        rows = await self._tx.execute(query)
        return [Words(row[0], row[1], row[2], row[3] or [], row[4], row[5]) for row in rows]

    async def cards(self, asker: Asker, ids: Collection[str]) -> dict[str, Card]:
        """id -> what is shown of it, of those that are listings at this moment."""
        query = _cards().where(Assistant.id.in_(ids), may(asker, Action.USE, LISTINGS))
        return {row[0]: _card(row) for row in await self._tx.execute(query)}

    async def versions(self, assistant_id: str) -> Sequence[tuple[int, datetime]]:
        """Its versions, the newest first."""
        query = (
            select(AssistantVersion.version, AssistantVersion.created_at)
            .where(AssistantVersion.assistant_id == assistant_id)
            .order_by(AssistantVersion.version.desc())
            .limit(MOST_VERSIONS)
        )
        return [(row[0], row[1]) for row in await self._tx.execute(query)]


def _places() -> Select[*tuple[Any, ...]]:
    said, score = AssistantVersion.definition, ListingScore
    return (
        select(
            Assistant.id,
            Assistant.slug,
            Assistant.published_version,
            Assistant.owner_id,
            Member.name,
            said["category"].astext,
            said["tags"],
            score.listed_at,
            *_weights(),
            score.similar_to,
        )
        .join(AssistantVersion, IS_CURRENT)
        .join(Member, Member.id == Assistant.owner_id)
        .outerjoin(score, score.assistant_id == Assistant.id)
        .where(IS_PUBLIC)
        .order_by(Assistant.id)
    )


def _weights() -> list[ColumnElement[float]]:
    columns = (
        ListingScore.weighed_people,
        ListingScore.weighed_votes,
        ListingScore.weighed_stars,
        ListingScore.recent_people,
        ListingScore.former_people,
    )
    return [func.coalesce(column, 0.0) for column in columns]


def _place(row: Row[*tuple[Any, ...]], now: datetime) -> Place:
    return Place(
        id=row[0],
        slug=row[1],
        version=row[2],
        owner_id=row[3],
        builder=row[4],
        category=row[5],
        tags=tuple(row[6] or ()),
        # The counting task comes round to a listing of this minute soon.
        listed_at=row[7] or now,
        weights=Weights(*row[8:13]),
        similar_to=row[13],
    )


def _cards() -> Select[*tuple[Any, ...]]:
    said, score = AssistantVersion.definition, ListingScore
    return (
        select(
            Assistant.id,
            Assistant.slug,
            Assistant.owner_id,
            Member.name,
            AssistantVersion.version,
            AssistantVersion.created_at,
            said["name"].astext,
            said["description"].astext,
            said["category"].astext,
            said["tags"],
            said["starters"],
            said["variables"],
            said["model"].astext,
            score.stars,
            func.coalesce(score.people, 0),
            func.coalesce(score.conversations, 0),
            func.coalesce(score.answers, 0),
            score.similar_to,
            said["avatar"].astext,
            score.price_currency,
            score.price_pico,
        )
        .join(AssistantVersion, IS_CURRENT)
        .join(Member, Member.id == Assistant.owner_id)
        .outerjoin(score, score.assistant_id == Assistant.id)
    )


def _card(row: Row[*tuple[Any, ...]]) -> Card:
    return Card(
        id=row[0],
        slug=row[1],
        owner_id=row[2],
        builder=row[3],
        version=row[4],
        published_at=row[5],
        name=row[6],
        description=row[7] or "",
        category=row[8],
        tags=tuple(row[9] or ()),
        starters=tuple(row[10] or ()),
        has_variables=bool(row[11]),
        model=row[12],
        stars=tuple(row[13] or (0, 0, 0, 0, 0)),
        people=row[14],
        conversations=row[15],
        answers=row[16],
        similar_to=row[17],
        avatar=row[18],
        price=None if row[19] is None else Cost(row[19], int(row[20])),
    )
