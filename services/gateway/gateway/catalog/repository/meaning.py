"""Which listings stand in the index of meanings, and which are to be put there or taken away."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert

from gateway.assistants.repository import IS_PUBLIC
from gateway.assistants.tables import Assistant, AssistantVersion
from gateway.catalog.repository.listings import IS_CURRENT
from gateway.catalog.rules.meaning import Said, digest_of, shelf_of, text_of
from gateway.catalog.tables import ListingMeaning
from gateway.db import Transaction

# Any number: whoever holds it takes listings, others come round again.
_ONE_AT_A_TIME = 6_201_847_312
CLAIM_SECONDS = 60
"""Twice as long as a step may last: after it the gateway that was at it is gone."""
LOOK_SECONDS = 60


class Wanted(NamedTuple):
    """A listing as it is to stand in the index. shelf: None: not at all. is_known: it was put there
    with this text before."""

    assistant_id: str
    version: int
    text: str
    digest: str
    shelf: str | None
    is_known: bool


class MeaningRepository:
    """Rows of listing_meanings inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def is_alone(self) -> bool:
        """Whether no other gateway takes listings until this commit."""
        return bool(await self._tx.scalar(select(func.pg_try_advisory_xact_lock(_ONE_AT_A_TIME))))

    async def take_gone(self, now: datetime, most: int) -> Sequence[str]:
        """Claim what is no listing any more."""
        is_listed = select(Assistant.id).where(
            Assistant.id == ListingMeaning.assistant_id, IS_PUBLIC
        )
        query = (
            select(ListingMeaning.assistant_id)
            .where(~is_listed.exists(), _is_free(now))
            .order_by(ListingMeaning.claimed_at.asc().nulls_first(), ListingMeaning.assistant_id)
            .limit(most)
        )
        ids = list(await self._tx.scalars(query))
        held = update(ListingMeaning).where(ListingMeaning.assistant_id.in_(ids))
        await self._tx.execute(held.values(claimed_at=now, looked_at=None))
        return ids

    async def take_changed(self, now: datetime, most: int) -> Sequence[Wanted]:
        """Claim listings that the index does not hold as they are, for all that is known."""
        said, row = AssistantVersion.definition, ListingMeaning
        query = (
            select(
                Assistant.id,
                AssistantVersion.version,
                said["name"].astext,
                func.coalesce(said["description"].astext, ""),
                said["starters"],
                said["tags"],
                row.digest,
                row.shelf,
            )
            .join(AssistantVersion, IS_CURRENT)
            .outerjoin(row, row.assistant_id == Assistant.id)
            .where(
                IS_PUBLIC,
                or_(
                    row.version.is_distinct_from(AssistantVersion.version), row.looked_at.is_(None)
                ),
                _is_free(now),
            )
            .order_by(row.claimed_at.asc().nulls_first(), Assistant.id)
            .limit(most)
        )
        wanted = []
        for name, version, *told, digest, shelf in await self._tx.execute(query):
            text = text_of(Said(told[0], told[1], told[2] or (), told[3] or ()))
            now_said = (digest_of(text), shelf_of(text))
            wanted.append(Wanted(name, version, text, *now_said, (digest, shelf) == now_said))
        await self._claim(wanted, now)
        return wanted

    async def _claim(self, wanted: Sequence[Wanted], now: datetime) -> None:
        if not wanted:
            return
        rows = insert(ListingMeaning).values(
            [
                {
                    "assistant_id": each.assistant_id,
                    "version": each.version,
                    "digest": each.digest if each.is_known else "",
                    "shelf": each.shelf,
                    "claimed_at": now,
                    "looked_at": None,
                }
                for each in wanted
            ]
        )
        names = ("version", "digest", "shelf", "claimed_at", "looked_at")
        anew = {name: rows.excluded[name] for name in names}
        await self._tx.execute(
            rows.on_conflict_do_update(index_elements=["assistant_id"], set_=anew)
        )

    async def placed(self, wanted: Sequence[Wanted], claimed_at: datetime) -> None:
        """They stand in the index now, unless somebody else took them meanwhile."""
        for each in wanted:
            await self._tx.execute(
                update(ListingMeaning)
                .where(
                    ListingMeaning.assistant_id == each.assistant_id,
                    ListingMeaning.claimed_at == claimed_at,
                )
                .values(digest=each.digest, looked_at=claimed_at, claimed_at=None)
            )

    async def gone(self, ids: Collection[str], claimed_at: datetime) -> None:
        """Nothing of them is left in the index."""
        await self._tx.execute(
            delete_from(ListingMeaning).where(
                ListingMeaning.assistant_id.in_(ids), ListingMeaning.claimed_at == claimed_at
            )
        )

    async def longest_unseen(self, now: datetime, most: int) -> Sequence[str]:
        """Some that the index was seen to hold longest ago."""
        query = (
            select(ListingMeaning.assistant_id)
            .where(
                ListingMeaning.shelf.is_not(None),
                ListingMeaning.looked_at < now - timedelta(seconds=LOOK_SECONDS),
            )
            .order_by(ListingMeaning.looked_at)
            .limit(most)
        )
        return (await self._tx.scalars(query)).all()

    async def seen(self, ids: Collection[str], now: datetime) -> None:
        """The index holds them."""
        await self._tx.execute(
            update(ListingMeaning)
            .where(ListingMeaning.assistant_id.in_(ids), ListingMeaning.looked_at.is_not(None))
            .values(looked_at=now)
        )

    async def lost(self, ids: Collection[str]) -> None:
        """The index should hold these and does not: what else it holds is to be looked at."""
        still = select(ListingMeaning.assistant_id).where(
            ListingMeaning.assistant_id.in_(ids), ListingMeaning.looked_at.is_not(None)
        )
        if await self._tx.scalar(still.limit(1)) is not None:
            await self._tx.execute(update(ListingMeaning).values(looked_at=None))


def _is_free(now: datetime) -> ColumnElement[bool]:
    claimed = ListingMeaning.claimed_at
    return or_(claimed.is_(None), claimed < now - timedelta(seconds=CLAIM_SECONDS))
