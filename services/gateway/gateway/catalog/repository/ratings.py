"""Who used a listing, and what they gave it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from gateway.accounts.tables import Member
from gateway.assistants.repository import ASSISTANTS
from gateway.assistants.tables import Assistant
from gateway.catalog.tables import ListingPerson, ListingScore, Rating
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class RatingRepository:
    """Use and ratings inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def note_use(
        self, asker: Asker, assistant_id: str, now: datetime, *, is_first: bool
    ) -> None:
        """One more answer, unless the asker builds it. is_first: of its conversation."""
        begun = 1 if is_first else 0
        used = select(
            Assistant.id,
            literal(asker.member_id),
            literal(asker.workspace_id),
            Assistant.owner_id,
            literal(now),
            literal(now),
            literal(begun),
            literal(1),
        ).where(Assistant.id == assistant_id, ~may(asker, Action.EDIT, ASSISTANTS))
        columns = [
            "assistant_id",
            "member_id",
            "workspace_id",
            "builder_id",
            "first_used_at",
            "last_used_at",
            "conversations",
            "answers",
        ]
        person = ListingPerson
        await self._tx.execute(
            insert(person)
            .from_select(columns, used)
            .on_conflict_do_update(
                index_elements=["assistant_id", "member_id"],
                set_={
                    "last_used_at": now,
                    "conversations": person.conversations + begun,
                    "answers": person.answers + 1,
                },
            )
        )

    async def has_used(self, assistant_id: str, member_id: str) -> bool:
        """Whether they ever got an answer."""
        query = select(ListingPerson.member_id).where(
            ListingPerson.assistant_id == assistant_id, ListingPerson.member_id == member_id
        )
        return await self._tx.scalar(query) is not None

    async def standing_of(self, assistant_id: str, member_id: str) -> tuple[bool, Rating | None]:
        """Whether they ever got an answer, and what they gave it."""
        query = (
            select(ListingPerson.member_id, Rating)
            .outerjoin(
                Rating,
                and_(
                    Rating.assistant_id == ListingPerson.assistant_id,
                    Rating.member_id == ListingPerson.member_id,
                ),
            )
            .where(ListingPerson.assistant_id == assistant_id, ListingPerson.member_id == member_id)
        )
        found = (await self._tx.execute(query)).first()
        return (False, None) if found is None else (True, found[1])

    async def held_score(self, assistant_id: str, now: datetime) -> ListingScore:
        """What is counted of a listing, held until this commit: ratings of one come one by one."""
        await self._tx.execute(
            insert(ListingScore)
            .values(assistant_id=assistant_id, listed_at=now)
            .on_conflict_do_nothing()
        )
        query = select(ListingScore).where(ListingScore.assistant_id == assistant_id)
        return (await self._tx.scalars(query.with_for_update(key_share=True))).one()

    async def of(self, assistant_id: str, member_id: str) -> Rating | None:
        """What somebody gave it."""
        query = select(Rating).where(
            Rating.assistant_id == assistant_id, Rating.member_id == member_id
        )
        return await self._tx.scalar(query)

    def add(self, rating: Rating) -> None:
        """Make it part of this transaction."""
        self._tx.add(rating)

    async def remove(self, rating: Rating) -> None:
        """Take it back."""
        await self._tx.execute(delete(Rating).where(Rating.id == rating.id))

    async def reviews(self, assistant_id: str, page: PageRequest) -> Rows[Rating]:
        """What was written of it."""
        query = select(Rating).where(Rating.assistant_id == assistant_id, Rating.review != "")
        return await fetch_page(self._tx, query, Rating.id, page)

    async def names(self, member_ids: Collection[str]) -> dict[str, str]:
        """member id -> the name they go by."""
        query = select(Member.id, Member.name).where(Member.id.in_(member_ids))
        return {row[0]: row[1] for row in await self._tx.execute(query)}
