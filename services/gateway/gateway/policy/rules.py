"""Who may do what: one table, and one pure function that reads it. Nothing else decides.

SQL conditions for lists (`policy.repository.conditions`) are made of the same table; a test holds
the two against each other on generated worlds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.accounts import Power
from gateway.policy.words import Action, Kind, Verdict, Way

_NONE: frozenset[Action] = frozenset()
_SEE = frozenset({Action.SEE})
_USE = frozenset({Action.USE})
_ANSWERED = frozenset({Action.SEE, Action.USE})
_READ = frozenset({Action.SEE, Action.LIST, Action.DOWNLOAD})
_FETCH = frozenset({Action.SEE, Action.DOWNLOAD})
_RULE = frozenset({Action.EDIT, Action.SHARE, Action.DELETE})
_OWN = frozenset({Action.SEE, Action.USE, Action.EDIT, Action.DELETE})
_END = frozenset({Action.SEE, Action.DELETE})
_IN_GROUP = frozenset({Action.SEE, Action.EDIT, Action.DELETE})
_MAKE = frozenset({Action.SEE, Action.CREATE})
_PEOPLE = frozenset({Action.SEE, Action.CREATE, Action.EDIT, Action.DELETE})
_ALL_OF_INSTALLATION = frozenset({Action.SEE, Action.ADMINISTER})

OPENED_BY: Mapping[Kind, Mapping[Way, frozenset[Action]]] = {
    Kind.ASSISTANT: {
        Way.RUNS: _ANSWERED | _RULE,
        Way.OWNS: _ANSWERED | _RULE,
        Way.OPEN: _ANSWERED,
        Way.PUBLIC: _USE,
        Way.LINKED: _USE,
        Way.GRANTED_USE: _ANSWERED,
        Way.GRANTED_EDIT: _ANSWERED | {Action.EDIT},
    },
    Kind.COLLECTION: {
        Way.RUNS: _READ | _USE | _RULE,
        Way.OWNS: _READ | _USE | _RULE,
        Way.OPEN: _READ | _USE,
        Way.GRANTED_USE: _ANSWERED,
        # An editor must know what is in it to take something out, not what stands there.
        Way.GRANTED_EDIT: _ANSWERED | {Action.LIST, Action.EDIT},
        Way.GRANTED_DOWNLOAD: _READ,
    },
    # A file's grant is that of a collection which holds it.
    Kind.FILE: {
        Way.RUNS: _FETCH | {Action.DELETE},
        Way.OWNS: _FETCH | {Action.DELETE},
        Way.GRANTED_DOWNLOAD: _FETCH,
    },
    # What somebody said to an assistant is theirs alone, whoever runs the place.
    Kind.CONVERSATION: {Way.OWNS: _OWN | {Action.SHARE}},
    Kind.KEY: {Way.RUNS: _END, Way.OWNS: _END},
    Kind.GROUP: {Way.RUNS: _IN_GROUP, Way.BELONGS: _SEE},
    Kind.WORKSPACE: {Way.RUNS: _MAKE | {Action.ADMINISTER}, Way.BELONGS: _MAKE},
    Kind.ROSTER: {Way.OPERATOR: _PEOPLE, Way.RUNS: _PEOPLE},
    Kind.LEDGER: {Way.OPERATOR: _SEE, Way.RUNS: _SEE},
    # Operators bound a workspace from outside; what they set, its own admins leave alone.
    Kind.BUDGET: {Way.OPERATOR: _PEOPLE, Way.RUNS: _PEOPLE},
    Kind.AUDIT: {Way.OPERATOR: _SEE, Way.RUNS: _SEE},
    Kind.INSTALLATION: {Way.OPERATOR: _ALL_OF_INSTALLATION},
}
"""What each way opens to everybody but guests."""

OPENED_TO_GUESTS: Mapping[Kind, Mapping[Way, frozenset[Action]]] = {
    # A guest changes nothing, and of a granted assistant gets answers, not its draft.
    Kind.ASSISTANT: {
        Way.OWNS: _ANSWERED,
        Way.PUBLIC: _USE,
        Way.LINKED: _USE,
        Way.GRANTED_USE: _USE,
        Way.GRANTED_EDIT: _USE,
    },
    Kind.COLLECTION: {
        Way.OWNS: _READ | _USE,
        Way.GRANTED_USE: _ANSWERED,
        Way.GRANTED_EDIT: _ANSWERED | {Action.LIST},
        Way.GRANTED_DOWNLOAD: _READ,
    },
    Kind.FILE: {Way.OWNS: _FETCH, Way.GRANTED_DOWNLOAD: _FETCH},
    Kind.CONVERSATION: {Way.OWNS: _OWN | {Action.SHARE}},
    Kind.KEY: {Way.OWNS: _END},
    Kind.WORKSPACE: {Way.BELONGS: _SEE},
    Kind.ROSTER: {Way.OPERATOR: _PEOPLE},
    Kind.LEDGER: {Way.OPERATOR: _SEE},
    Kind.BUDGET: {Way.OPERATOR: _PEOPLE},
    Kind.AUDIT: {Way.OPERATOR: _SEE},
    Kind.INSTALLATION: {Way.OPERATOR: _ALL_OF_INSTALLATION},
}
"""The same for guests: a way that is not here opens nothing."""

OPENED_TO_VISITS: Mapping[Kind, Mapping[Way, frozenset[Action]]] = {
    Kind.ASSISTANT: {Way.LINKED: _USE},
    Kind.CONVERSATION: {Way.OWNS: _OWN},
}
"""And for who came by a door, without an account: its assistant, and what they say to it."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """A member at work in one workspace, with what decides on their rights.

    assistant_id: the one assistant their key is bound to; None: anything of the workspace.
    visits: the one assistant whose door a guest without an account came by; None: a member.
    opened: what that assistant's own address has opened for this call, by id.
    """

    member_id: str
    workspace_id: str
    power: Power
    is_operator: bool = False
    group_ids: frozenset[str] = frozenset()
    assistant_id: str | None = None
    visits: str | None = None
    opened: frozenset[str] = frozenset()

    @property
    def runs_workspace(self) -> bool:
        """Owner or admin of the workspace."""
        return self.power in (Power.OWNER, Power.ADMIN)

    @property
    def reach(self) -> frozenset[str] | None:
        """The ids a bound key may touch at all; None: whatever its holder may."""
        return None if self.assistant_id is None else self.opened | {self.assistant_id}


@dataclass(frozen=True)
class Thing:
    """The facts of an object that decide, as they are for one asker.

    owner_ids: whose it is; a bound key is its maker's and the assistant's owner's. is_linked: the
    asker came by an open door to it. granted: the grants on it that reach the asker, by themselves
    or through a group.
    """

    kind: Kind
    id: str
    workspace_id: str | None
    owner_ids: frozenset[str] = frozenset()
    is_open: bool = False
    is_public: bool = False
    is_linked: bool = False
    granted: frozenset[Way] = frozenset()


def allowed(asker: Asker, action: Action, thing: Thing) -> Verdict:
    """Whether the asker may do this to the object; if not, whether they may know that it exists."""
    if asker.reach is not None and thing.id not in asker.reach:
        return Verdict.HIDDEN
    may = frozenset[Action]().union(
        *(opened(asker, thing.kind, way) for way in _ways(asker, thing))
    )
    if action in may:
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN if Action.SEE in may else Verdict.HIDDEN


def here(asker: Asker, kind: Kind) -> Thing:
    """The asker's own workspace, or what there is one of in it."""
    return Thing(kind, asker.workspace_id, asker.workspace_id)


def may_in(asker: Asker, action: Action, kind: Kind, workspace_id: str | None = None) -> bool:
    """Whether the asker may do this in a workspace: the one they are in, unless another is named.

    For what there is one of in each: its roster, its ledger, itself.
    """
    there = workspace_id or asker.workspace_id
    return allowed(asker, action, Thing(kind, there, there)) is Verdict.ALLOWED


def may_anywhere(asker: Asker, action: Action, kind: Kind) -> bool:
    """Whether the asker may do this whatever the workspace: the powers of operators."""
    return allowed(asker, action, Thing(kind, "", None)) is Verdict.ALLOWED


def opened(asker: Asker, kind: Kind, way: Way) -> frozenset[Action]:
    """What a way to objects of a kind opens to this asker, if it holds."""
    table = OPENED_TO_GUESTS if asker.power is Power.GUEST else OPENED_BY
    if asker.visits is not None:
        table = OPENED_TO_VISITS
    return table.get(kind, {}).get(way, _NONE)


def _ways(asker: Asker, thing: Thing) -> frozenset[Way]:
    anywhere = {
        Way.OPERATOR: asker.is_operator,
        Way.PUBLIC: thing.is_public,
        Way.LINKED: thing.is_linked,
    }
    # Nothing else reaches from one workspace into another, whatever a row says.
    is_here = thing.workspace_id == asker.workspace_id
    here = {
        Way.RUNS: asker.runs_workspace,
        Way.OWNS: asker.member_id in thing.owner_ids,
        Way.BELONGS: True,
        Way.OPEN: thing.is_open,
        Way.GRANTED_USE: Way.GRANTED_USE in thing.granted,
        Way.GRANTED_EDIT: Way.GRANTED_EDIT in thing.granted,
        Way.GRANTED_DOWNLOAD: Way.GRANTED_DOWNLOAD in thing.granted,
    }
    return frozenset(way for way, holds in (anywhere | (here if is_here else {})).items() if holds)
