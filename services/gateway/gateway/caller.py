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
    assistant_id: str | None = None
    """The one assistant this key is bound to; None: anything of the workspace."""
    origins: tuple[str, ...] = ()
    """The web sites this key is for; none: programs alone use it."""

    @property
    def runs_workspace(self) -> bool:
        """Owner or admin of the workspace."""
        return self.power in (Power.OWNER, Power.ADMIN)

    def may_touch(self, assistant_id: str) -> bool:
        """A bound key touches its own assistant and no other."""
        return self.assistant_id is None or self.assistant_id == assistant_id

    @property
    def may_build(self) -> bool:
        """Guests only ask; everybody else makes assistants and collections."""
        return self.power is not Power.GUEST
