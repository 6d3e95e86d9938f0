"""Who asks: the member behind a session or a key, and what they may do."""

from dataclasses import dataclass

from contracts.accounts import Power, Scope


@dataclass(frozen=True)
class Caller:
    """A member at work in one workspace. A session has every scope, a key the ones it was given."""

    member_id: str
    member_name: str
    email: str
    workspace_id: str
    power: Power
    is_operator: bool
    key_id: str | None
    scopes: frozenset[Scope]

    @property
    def runs_workspace(self) -> bool:
        """Owner or admin of the workspace."""
        return self.power in (Power.OWNER, Power.ADMIN)

    @property
    def may_build(self) -> bool:
        """Guests only ask; everybody else makes assistants and collections."""
        return self.power is not Power.GUEST
