"""What a caller asks of the books: the words of a query string, and what they come to."""

from dataclasses import dataclass, field

from gateway.caller import Caller
from gateway.db import Transaction
from gateway.policy.loading import require
from gateway.policy.rules import here, may_anywhere, may_in
from gateway.policy.words import Action, Kind
from gateway.reporting.errors import WorkspaceNotYours
from gateway.reporting.repository.names import NamesRepository
from gateway.reporting.rules.periods import Grain, Span, moment, zone_named
from gateway.reporting.rules.views import Narrowing, Outlook, Question, Sight
from gateway.usage.errors import LedgerNotYours


@dataclass(frozen=True)
class Asked:
    """The query string of a question about the books."""

    start: str | None = None
    end: str | None = None
    zone: str = "UTC"
    view: Outlook | None = None
    workspace: str | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)

    def period(self) -> Span:
        """Raises UnknownZone or UnknownPeriod."""
        zone = zone_named(self.zone)
        return Span(moment(self.start, "from", zone), moment(self.end, "to", zone))

    def question(self, sight: Sight) -> Question:
        """The question about single calls."""
        return Question(sight, self.narrowing, self.period(), grain=Grain.CALL)


async def sight_of(
    tx: Transaction, caller: Caller, asked: Asked, *, else_mine: bool = False
) -> Sight:
    """What the caller sees of what they ask for. Unasked: what they run, or with `else_mine` their
    own calls. Raises LedgerNotYours or WorkspaceNotYours."""
    sees_all = may_anywhere(caller, Action.SEE, Kind.LEDGER)
    if asked.workspace not in (None, caller.workspace_id) and not sees_all:
        raise WorkspaceNotYours("Only operators look into other workspaces.")
    if asked.view is Outlook.ASSISTANTS:
        built = await NamesRepository(tx).built_by(caller)
        return Sight(asked.workspace, None, built, names_in=caller.workspace_id)
    if asked.view is Outlook.MINE:
        return Sight(caller.workspace_id, caller.member_id)
    if sees_all:
        return Sight(asked.workspace)
    if else_mine and asked.view is None and not may_in(caller, Action.SEE, Kind.LEDGER):
        return Sight(caller.workspace_id, caller.member_id)
    barred = LedgerNotYours("Only admins of the workspace see its ledger.")
    require(caller, Action.SEE, here(caller, Kind.LEDGER), barred)
    return Sight(caller.workspace_id)
