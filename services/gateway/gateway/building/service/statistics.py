"""How an assistant is used, for its builders: numbers, and of words those alone that were written
to them, or that their askers were told builders see."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contracts.building import (
    AssistantStatistics,
    DayOfUse,
    FeedbackNote,
    UnansweredQuestion,
)
from contracts.conversations import Rating
from contracts.lists import Page
from gateway.assistants.repository import ASSISTANTS
from gateway.building.repository import (
    Counts,
    Day,
    NoteRepository,
    Spent,
    Unanswered,
    UseRepository,
)
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.conversations.tables import Feedback
from gateway.db import Database
from gateway.money import money
from gateway.paging import PageRequest, Rows, as_page
from gateway.policy.loading import load
from gateway.policy.words import Action


class StatisticsService:
    """Counts conversations, adds up the ledger, and hands on what readers wrote."""

    def __init__(self, database: Database, shows_unanswered: bool, clock: Clock = utc_now) -> None:
        self._database = database
        self._shows_unanswered = shows_unanswered
        self._clock = clock

    async def over(self, caller: Caller, assistant_id: str, days: int) -> AssistantStatistics:
        """The last days, today included."""
        since = self._since(days)
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.EDIT, ASSISTANTS, assistant_id)
            use = UseRepository(tx, assistant.id, since)
            counts, by_day, spent = await use.counts(), await use.days(), await use.spent()
        names = [f"{since + timedelta(days=number):%Y-%m-%d}" for number in range(days)]
        told = _statistics(counts, names, by_day, spent)
        return told.model_copy(update={"shows_unanswered": self._shows_unanswered})

    async def unanswered(
        self, caller: Caller, assistant_id: str, days: int, page: PageRequest
    ) -> Page[UnansweredQuestion]:
        """What people asked over the last days and its files did not answer. Empty where the
        installation does not show it."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.EDIT, ASSISTANTS, assistant_id)
            rows: Rows[Unanswered] = Rows([], has_more=False)
            if self._shows_unanswered:
                repository = UseRepository(tx, assistant.id, self._since(days))
                rows = await repository.unanswered(assistant.workspace_id, page)
        return as_page(rows, _question, lambda view: view.id)

    async def notes(
        self, caller: Caller, assistant_id: str, page: PageRequest
    ) -> Page[FeedbackNote]:
        """What readers wrote of its answers."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.EDIT, ASSISTANTS, assistant_id)
            rows = await NoteRepository(tx).page(assistant.id, page)
        return as_page(rows, _note, lambda view: view.id)

    def _since(self, days: int) -> datetime:
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=days - 1)


def _question(found: Unanswered) -> UnansweredQuestion:
    return UnansweredQuestion(id=found.key, text=found.words, times=found.times, day=found.day)


def _note(feedback: Feedback) -> FeedbackNote:
    # Neither the writer nor the message: a talk is its member's own, and this was sent without it.
    return FeedbackNote(
        id=feedback.id,
        rating=Rating(feedback.rating),
        comment=feedback.comment,
        correction=feedback.correction,
        updated_at=unix_seconds(feedback.updated_at),
    )


def _statistics(
    counts: Counts, names: Sequence[str], by_day: Mapping[str, Day], spent: Sequence[Spent]
) -> AssistantStatistics:
    costs: dict[str, int] = {}
    for each in spent:
        costs[each.currency] = costs.get(each.currency, 0) + each.pico
    currency = max(costs, key=costs.__getitem__, default=None)
    of_day = {each.day: each.pico for each in spent if each.currency == currency}
    return AssistantStatistics(
        conversations=counts.conversations,
        people=counts.people,
        answers=counts.answers,
        not_found=counts.not_found,
        rated_up=counts.rated_up,
        rated_down=counts.rated_down,
        costs={name: money(pico) for name, pico in sorted(costs.items())},
        currency=currency,
        days=[
            DayOfUse(
                day=name,
                conversations=by_day[name].conversations if name in by_day else 0,
                answers=by_day[name].answers if name in by_day else 0,
                cost=money(of_day.get(name, 0)),
            )
            for name in names
        ],
    )
