"""Sums of usage by whatever groups are asked for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.lists import Page
from contracts.usage import LedgerWorkspace, UsageRow
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.money import money
from gateway.reporting.repository.names import NamesRepository
from gateway.reporting.repository.sums import MOST_GROUPS, Sums, SumsRepository
from gateway.reporting.rules.periods import DAY, Grain, Span, day_bounds, grain_for, zone_named
from gateway.reporting.rules.views import Question
from gateway.reporting.service.asking import Asked, sight_of
from gateway.usage.errors import UnknownGrouping
from gateway.usage.rules import Grouping

MOST_EXPORTED = 100_000
MOST_WORKSPACES = 1_000


class UsageReader:
    """Answers what was used, by whom, of what, and when."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def usage(
        self, caller: Caller, group_by: str, asked: Asked, most: int = MOST_GROUPS
    ) -> Page[UsageRow]:
        """Sums over the calls the caller may see; at most so many groups, the dearest first."""
        groups, zone, period = groupings(group_by), zone_named(asked.zone), asked.period()
        async with self._database.transaction() as tx:
            sight = await sight_of(tx, caller, asked, else_mine=True)
            repository, bounds = SumsRepository(tx), list[datetime]()
            if Grouping.DAY in groups:
                first = period.start or await repository.first_call_at() or self._clock()
                period = Span(first, period.end or self._clock() + DAY)
                bounds = day_bounds(first, max(first, period.end or first), zone)
            grain = grain_for(bounds) if bounds else Grain.DAY
            question = Question(sight, asked.narrowing, period, groups, grain)
            found = await repository.sums(question, bounds, most + 1)
            names = await _Names.of(tx, found)
        days = [bound.astimezone(zone).date().isoformat() for bound in bounds]
        rows = [names.row(sums, days) for sums in found[:most]]
        return Page(data=rows, has_more=len(found) > most)

    async def workspaces(self, caller: Caller) -> Page[LedgerWorkspace]:
        """Those whose calls the caller may look at, by name."""
        async with self._database.transaction() as tx:
            sight, names = await sight_of(tx, caller, Asked()), NamesRepository(tx)
            if sight.workspace_id is None:
                found = await names.all_workspaces(MOST_WORKSPACES + 1)
            else:
                found = await names.workspaces([sight.workspace_id])
        shown = list(found.items())[:MOST_WORKSPACES]
        data = [LedgerWorkspace(id=each, name=name) for each, name in shown]
        return Page(data=data, has_more=len(found) > len(shown))


class _Names:
    """The names of what rows are about."""

    def __init__(
        self, members: dict[str, str], assistants: dict[str, str], keys: dict[str, str]
    ) -> None:
        self._members, self._assistants, self._keys = members, assistants, keys

    @classmethod
    async def of(cls, tx: Transaction, found: Sequence[Sums]) -> "_Names":
        """Looks up what the sums name."""
        names = NamesRepository(tx)
        return cls(
            await names.members(_ids(found, Grouping.MEMBER)),
            await names.assistants(_ids(found, Grouping.ASSISTANT)),
            await names.keys(_ids(found, Grouping.KEY)),
        )

    def row(self, sums: Sums, days: Sequence[str]) -> UsageRow:
        """The sums as the API shows them."""
        member, assistant = sums.group.get(Grouping.MEMBER), sums.group.get(Grouping.ASSISTANT)
        key = sums.group.get(Grouping.KEY)
        return UsageRow(
            member_id=member,
            member_name=self._members.get(member or "") or None,
            assistant_id=assistant,
            assistant_name=self._assistants.get(assistant or ""),
            model=sums.group.get(Grouping.MODEL),
            key_id=key,
            key_name=self._keys.get(key or ""),
            day=days[sums.bucket] if days else None,
            requests=sums.requests,
            failed=sums.failed,
            cancelled=sums.cancelled,
            input_tokens=sums.input_tokens,
            cached_tokens=sums.cached_tokens,
            output_tokens=sums.output_tokens,
            cost=money(sums.amount_pico),
            currency=sums.currency,
        )


def groupings(group_by: str) -> Sequence[Grouping]:
    """The groups named, each once. Raises UnknownGrouping."""
    wanted = [name.strip() for name in group_by.split(",") if name.strip()]
    try:
        return [Grouping(name) for name in dict.fromkeys(wanted)]
    except ValueError as error:
        names = ", ".join(Grouping)
        raise UnknownGrouping(f"Group by some of {names}.", param="group_by") from error


def _ids(found: Iterable[Sums], grouping: Grouping) -> list[str]:
    return sorted({group for sums in found if (group := sums.group.get(grouping)) is not None})
