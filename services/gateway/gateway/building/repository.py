"""Counts the use of one assistant, in its workspace and through it in others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, cast, distinct, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from contracts.conversations import Rating, TurnStatus
from gateway.accounts.tables import Member
from gateway.assistants.tables import AssistantVersion
from gateway.conversations.tables import Conversation, Feedback, Message
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page, fetch_rows
from gateway.usage.tables import LedgerEntry

QUESTION_CHARACTERS = 500


@dataclass(frozen=True)
class Counts:
    """Of the whole time. people: members; guests are counted by their conversations alone."""

    conversations: int
    people: int
    answers: int
    not_found: int
    rated_up: int
    rated_down: int


@dataclass(frozen=True)
class Day:
    """Of one day."""

    conversations: int
    answers: int


@dataclass(frozen=True)
class Spent:
    """Of one day, in one currency, in pico-units."""

    day: str
    currency: str
    pico: int


class Unanswered(NamedTuple):
    """A question that found nothing: its words, how often it was asked, and the last day."""

    key: str
    words: str
    times: int
    day: str


_IS_ITS_VERSION = and_(
    AssistantVersion.assistant_id == Conversation.assistant_id,
    AssistantVersion.version == Conversation.assistant_version,
)
_FOUND_NOTHING = (
    AssistantVersion.epochs != cast({}, JSONB),
    Message.annotations == cast([], JSONB),
)


class UseRepository:
    """Reads inside one transaction. Conversations with the draft are trials and not counted."""

    def __init__(self, tx: Transaction, assistant_id: str, since: datetime) -> None:
        self._tx = tx
        self._assistant_id = assistant_id
        self._since = since

    async def counts(self) -> Counts:
        """All of it together."""
        guests = select(Member.id).where(Member.is_guest)
        people = func.count(distinct(Conversation.member_id)).filter(
            Conversation.member_id.not_in(guests)
        )
        begun = select(func.count(Conversation.id), people).where(
            self._is_use(), Conversation.created_at >= self._since
        )
        conversations, members = (await self._tx.execute(begun)).one()
        answers = await self._tx.scalar(self._answers(func.count(Message.id)))
        not_found = await self._tx.scalar(
            self._answers(func.count(Message.id))
            .join(AssistantVersion, _IS_ITS_VERSION)
            .where(*_FOUND_NOTHING)
        )
        rated = (
            select(Feedback.rating, func.count())
            .where(*_is_said_of(self._assistant_id), Feedback.updated_at >= self._since)
            .group_by(Feedback.rating)
        )
        thumbs = {row[0]: row[1] for row in await self._tx.execute(rated)}
        up, down = (thumbs.get(rating.value, 0) for rating in (Rating.UP, Rating.DOWN))
        return Counts(conversations, members, answers or 0, not_found or 0, up, down)

    async def unanswered(self, workspace_id: str, page: PageRequest) -> Rows[Unanswered]:
        """The questions that found nothing, the latest day first, equal ones together.

        Only of conversations that are kept, were begun from this workspace, and whose members
        were told. Nothing is copied: what is deleted or erased is not here.
        """
        question = aliased(Message)
        words = func.btrim(question.content, " \t\r\n")
        # Keys hold the day and nothing finer, as ids of messages would.
        digest = func.md5(func.lower(words))
        grouped = (
            self._answers(
                func.concat("unq_", func.max(_day(question.created_at)), "_", digest).label("key"),
                func.min(func.left(words, QUESTION_CHARACTERS)).label("words"),
                func.count(distinct(question.id)).label("times"),
                func.max(_day(question.created_at)).label("day"),
            )
            .join(AssistantVersion, _IS_ITS_VERSION)
            .join(question, question.id == Message.parent_id)
            .where(
                *_FOUND_NOTHING,
                Conversation.workspace_id == workspace_id,
                Conversation.shows_unanswered,
                Conversation.expires_at.is_(None),
                Conversation.deleted_at.is_(None),
                words != "",
            )
            .group_by(digest)
            .subquery()
        )
        rows = await fetch_rows(self._tx, select(grouped), grouped.c.key, page)
        return Rows([Unanswered._make(row) for row in rows.rows], rows.has_more)

    async def days(self) -> dict[str, Day]:
        """day -> what was begun and answered on it; days of nothing are left out."""
        begun = (
            select(_day(Conversation.created_at), func.count())
            .where(self._is_use(), Conversation.created_at >= self._since)
            .group_by(_day(Conversation.created_at))
        )
        conversations = {row[0]: row[1] for row in await self._tx.execute(begun)}
        answered = self._answers(_day(Message.created_at), func.count()).group_by(
            _day(Message.created_at)
        )
        answers = {row[0]: row[1] for row in await self._tx.execute(answered)}
        return {
            day: Day(conversations.get(day, 0), answers.get(day, 0))
            for day in conversations.keys() | answers.keys()
        }

    async def spent(self) -> Sequence[Spent]:
        """What its calls cost, corrections included."""
        day = _day(LedgerEntry.created_at)
        query = (
            select(day, LedgerEntry.currency, func.sum(LedgerEntry.amount_pico))
            .where(
                LedgerEntry.assistant_id == self._assistant_id,
                LedgerEntry.created_at >= self._since,
            )
            .group_by(day, LedgerEntry.currency)
        )
        return [Spent(row[0], row[1], int(row[2])) for row in await self._tx.execute(query)]

    def _is_use(self) -> ColumnElement[bool]:
        return and_(
            Conversation.assistant_id == self._assistant_id,
            Conversation.assistant_version.is_not(None),
        )

    def _answers(self, *what: Any) -> Any:
        return (
            select(*what)
            .select_from(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(
                self._is_use(),
                Message.role == "assistant",
                Message.status == TurnStatus.COMPLETE.value,
                Message.created_at >= self._since,
            )
        )


class NoteRepository:
    """What readers wrote of an assistant's answers, inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def page(self, assistant_id: str, page: PageRequest) -> Rows[Feedback]:
        """Those with words in them: thumbs alone are counted."""
        has_words = or_(Feedback.comment != "", Feedback.correction != "")
        query = select(Feedback).where(*_is_said_of(assistant_id), has_words)
        return await fetch_page(self._tx, query, Feedback.id, page)


def _is_said_of(assistant_id: str) -> tuple[ColumnElement[bool], ...]:
    # A deleted conversation hides what was said of it at once; it can be had back.
    is_there = (
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == Feedback.message_id, Conversation.deleted_at.is_(None))
        .exists()
    )
    return (Feedback.assistant_id == assistant_id, is_there)


def _day(moment: Any) -> ColumnElement[str]:
    # Written out: as parameters, the day selected and the day grouped by would be two things.
    zone, form = (literal(each, literal_execute=True) for each in ("UTC", "YYYY-MM-DD"))
    return func.to_char(func.timezone(zone, moment), form)
