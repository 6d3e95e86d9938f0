"""Publishable keys: which may be made, and what they give in a day."""

from dataclasses import dataclass

from contracts.accounts import KeyCreate, KeyKind, Scope
from contracts.assistants import Visibility
from gateway.accounts.errors import AssistantPrivate, GuestsNotAdmitted, NotOfThisKind
from gateway.accounts.tables import Key
from gateway.assistants.errors import NotPublished
from gateway.assistants.repository import ASSISTANTS
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action


@dataclass(frozen=True)
class Publishing:
    """What the installation says. visitor_answers, answers: a day, where a key names none."""

    admits_guests: bool
    visitor_answers: int
    answers: int

    async def publish(
        self, tx: Transaction, caller: Caller, key: Key, shown: str, wanted: KeyCreate
    ) -> None:
        """Make a new key one that pages show. Its assistant must be open to others."""
        if not self.admits_guests:
            raise GuestsNotAdmitted(
                "This installation answers nobody who is not signed in, so keys for web pages "
                "would open nothing. Those who run it can change that."
            )
        name = key.assistant_id or ""
        assistant = await load(tx, caller, Action.SHARE, ASSISTANTS, name, Hold.SHARED)
        if assistant.published_version is None:
            raise NotPublished(f"Assistant {assistant.slug} has not been published yet.")
        if assistant.visibility == Visibility.PRIVATE:
            raise AssistantPrivate(
                "The assistant is private: share it by link, with the workspace or with everybody "
                "first."
            )
        key.publishable_key = shown
        key.visitor_answers = wanted.visitor_answers or self.visitor_answers
        key.answers = wanted.answers or self.answers


def check_kind(wanted: KeyCreate) -> None:
    """Refuse by name what a key of the wanted kind cannot have. Raises NotOfThisKind."""
    if wanted.kind is KeyKind.PUBLISHABLE:
        _check_publishable(wanted)
        return
    for name in ("visitor_answers", "answers"):
        if getattr(wanted, name) is not None:
            raise NotOfThisKind(
                f"Only publishable keys have {name}. A secret one has limits and a budget.",
                param=name,
            )


def _check_publishable(wanted: KeyCreate) -> None:
    if wanted.scopes not in (None, [Scope.CHAT]):
        raise NotOfThisKind("A publishable key has the scope chat alone.", param="scopes")
    if wanted.assistant_id is None:
        raise NotOfThisKind("A publishable key is for one assistant.", param="assistant_id")
    if not wanted.origins:
        raise NotOfThisKind(
            "A publishable key names the web sites whose pages may use it.", param="origins"
        )
