"""Who asks: the member behind a session or a key, and what they may do."""

from dataclasses import dataclass, replace
from typing import Self

from contracts.accounts import Scope
from gateway.policy.rules import Asker


@dataclass(frozen=True, kw_only=True)
class Caller(Asker):
    """A member at work in one workspace. A session has every scope, a key the ones it was given."""

    member_name: str
    email: str
    key_id: str | None
    scopes: frozenset[Scope]
    address: str = ""
    """From where they call: the client address, as far as it can be trusted."""
    origins: tuple[str, ...] = ()
    """The web sites this key is for; none: programs alone use it."""
    is_publishable: bool = False
    """The key stands in web pages: whoever opens one asks with it."""

    def within(self, *ids: str) -> Self:
        """The same caller where an assistant's own address has opened these to its key."""
        return replace(self, opened=self.opened | frozenset(ids))
