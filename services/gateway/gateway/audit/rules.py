"""What is recorded, how a client is named, and how many rows one client may cause."""

import hashlib
import hmac
import re
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from runtime.redaction import HIDDEN, redacted


class Verdict(StrEnum):
    """done: an administrative act. The others are refusals, by the status they had."""

    DONE = "done"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"


REFUSALS = (Verdict.UNAUTHENTICATED, Verdict.FORBIDDEN, Verdict.HIDDEN)


class Act(StrEnum):
    """The administrative acts: `<kind of object>.<what was done to it>`."""

    ACCOUNT_CLAIMED = "account.claimed"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CONFIRMED = "account.confirmed"
    ACCOUNT_EXPORTED = "account.exported"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_CHANGED = "account.changed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # a name, no password
    PASSWORD_RESET = "password.reset"  # noqa: S105
    EMAIL_CHANGED = "email.changed"
    SESSION_OPENED = "session.opened"
    SESSION_ENDED = "session.ended"
    SESSION_REVOKED = "session.revoked"
    SESSION_MOVED = "session.moved"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    INVITE_CREATED = "invite.created"
    INVITE_REVOKED = "invite.revoked"
    INVITE_ACCEPTED = "invite.accepted"
    MEMBER_SUSPENDED = "member.suspended"
    MEMBER_REINSTATED = "member.reinstated"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    MEMBER_POWER_CHANGED = "member.power_changed"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_RENAMED = "workspace.renamed"
    GROUP_CREATED = "group.created"
    GROUP_CHANGED = "group.changed"
    GROUP_DELETED = "group.deleted"
    ASSISTANT_PUBLISHED = "assistant.published"
    ASSISTANT_SHARED = "assistant.shared"
    ASSISTANT_DELETED = "assistant.deleted"
    ASSISTANT_BROUGHT_BACK = "assistant.brought_back"
    ASSISTANT_RESTORED = "assistant.restored"
    ASSISTANT_DUPLICATED = "assistant.duplicated"
    ASSISTANT_TRANSFERRED = "assistant.transferred"
    ASSISTANT_EXPORTED = "assistant.exported"
    ASSISTANT_IMPORTED = "assistant.imported"
    COLLECTION_SHARED = "collection.shared"
    COLLECTION_DELETED = "collection.deleted"
    FILE_DELETED = "file.deleted"
    SHARE_CREATED = "share.created"
    SHARE_REVOKED = "share.revoked"
    LINK_CREATED = "link.created"
    LINK_REVOKED = "link.revoked"
    BUDGET_SET = "budget.set"
    BUDGET_CHANGED = "budget.changed"
    BUDGET_ENDED = "budget.ended"
    PRICE_SET = "price.set"
    LIMIT_SET = "limit.set"
    LIMIT_REMOVED = "limit.removed"
    LEDGER_CORRECTED = "ledger.corrected"
    REPORT_MADE = "report.made"
    REPORT_WITHDRAWN = "report.withdrawn"
    CASE_DISMISSED = "case.dismissed"
    LISTING_READ = "listing.read"
    LISTING_TAKEN_DOWN = "listing.taken_down"
    LISTING_LET_BACK = "listing.let_back"
    TAKEDOWN_ANSWERED = "takedown.answered"
    STORE_FEATURED = "store.featured"

    @property
    def object_kind(self) -> str:
        """What the act was done to."""
        return self.value.partition(".")[0]


client_of_task: ContextVar[str | None] = ContextVar("client", default=None)
"""How the client of the current request is written in the record."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_SHOWN_DIGITS = 16


def recorded_id(given: str | None) -> str | None:
    """An id worth keeping. Callers write what they like there: no secret, no line break stays."""
    if given is None or not _ID.fullmatch(given) or HIDDEN in redacted(given):
        return None
    return given


def named_client(address: str | None, naming: str, key: bytes) -> str | None:
    """An address as the settings want it: whole, as a keyed hash, or not at all."""
    if address is None or naming == "none":
        return None
    if naming == "hashed":
        return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:_SHOWN_DIGITS]
    return address[:45]


@dataclass(frozen=True)
class Flooding:
    """Refusals alike that came too fast to be written one by one."""

    client: str | None
    action: str
    verdict: Verdict


class FloodGate:
    """Lets some refusals a minute through, of one client and of all; counts the rest.

    What is counted is bounded too: beyond so many different ones they are counted together.
    """

    MOST_DIFFERENT = 1_000

    def __init__(self, rows_per_client: int, rows_of_all: int) -> None:
        self._rows_per_client = rows_per_client
        self._rows_of_all = rows_of_all
        self._minute = -1
        self._of_client: Counter[str | None] = Counter()
        self._held: Counter[Flooding] = Counter()

    def passes(self, refusal: Flooding, minute: int) -> bool:
        """Whether this one gets a row of its own; else it is counted."""
        if minute != self._minute:
            self._minute = minute
            self._of_client.clear()
        is_free = (
            self._of_client[refusal.client] < self._rows_per_client
            and self._of_client.total() < self._rows_of_all
        )
        if is_free:
            self._of_client[refusal.client] += 1
            return True
        is_known = refusal in self._held or len(self._held) < self.MOST_DIFFERENT
        self._held[refusal if is_known else Flooding(None, "many", refusal.verdict)] += 1
        return False

    def drained(self) -> Counter[Flooding]:
        """What was counted since the last asking."""
        held, self._held = self._held, Counter()
        return held
