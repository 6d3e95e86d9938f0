"""Publishable keys: doors that stand in web pages."""

from contracts.accounts import KeyCreate
from contracts.assistants import Visibility
from gateway.accounts.tables import Key
from gateway.allowances.errors import GuestsNotAdmitted
from gateway.assistants.errors import NotPublished
from gateway.assistants.repository import ASSISTANTS
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.doors.errors import SharingIsPrivate
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action
from gateway.settings import GuestLimits


class KeyDoors:
    """Makes doors of keys."""

    def __init__(self, limits: GuestLimits) -> None:
        self._limits = limits

    async def publish(
        self, tx: Transaction, caller: Caller, key: Key, shown: str, wanted: KeyCreate
    ) -> None:
        """Make a new key one that pages show, as long as its assistant is open to others.

        Raises GuestsNotAdmitted, NotPublished, SharingIsPrivate and what policy refuses.
        """
        if not self._limits.admitted:
            raise GuestsNotAdmitted(
                "This installation answers nobody who is not signed in, so keys for web pages "
                "would open nothing. Those who run it can change that."
            )
        name = key.assistant_id or ""
        assistant = await load(tx, caller, Action.SHARE, ASSISTANTS, name, Hold.SHARED)
        if assistant.published_version is None:
            raise NotPublished(f"Assistant {assistant.slug} has not been published yet.")
        if assistant.visibility == Visibility.PRIVATE:
            raise SharingIsPrivate(
                "This assistant is private: share it with whoever has the link first."
            )
        limits = self._limits
        key.publishable_key = shown
        key.visitor_answers = wanted.visitor_answers or limits.key_visitor_answers_a_day
        key.answers = wanted.answers or limits.key_answers_a_day
