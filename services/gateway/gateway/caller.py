"""Who asks: the member behind a session or a key, and what they may do."""

from dataclasses import dataclass, replace
from typing import Self

from contracts.accounts import Scope
from gateway.policy.rules import Asker


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A guest's visit. answers, visitor_answers: the door's own caps a day, of all its guests and
    of one; None: those of the installation alone. door_id: under what the former is counted.

    visit_id: None: they ask with the publishable key itself, and nothing they say is kept.
    """

    visit_id: str | None
    door_id: str
    answers: int | None = None
    visitor_answers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Caller(Asker):
    """A member at work in one workspace. A session has every scope, a key the ones it was given.

    stay: of a guest who came by a door, for whom the member is a row that nobody signs in to.
    """

    member_name: str
    email: str
    key_id: str | None
    scopes: frozenset[Scope]
    address: str = ""
    """From where they call: the client address, as far as it can be trusted."""
    stay: Stay | None = None
    origins: tuple[str, ...] = ()
    """The web sites this key is for; none: programs alone use it."""

    @property
    def charged_member_id(self) -> str | None:
        """The person in whose sums a call counts; guests are in no list of people."""
        return None if self.stay is not None else self.member_id

    @property
    def is_publishable(self) -> bool:
        """They ask with a key that stands in web pages: whoever opens one does."""
        return self.stay is not None and self.stay.visit_id is None

    def within(self, *ids: str) -> Self:
        """The same caller where an assistant's own address has opened these to its key."""
        return replace(self, opened=self.opened | frozenset(ids))
