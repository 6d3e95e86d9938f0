"""What a share link shows, and to whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.lists import Page
from contracts.shares import SharedConversation, SharedMessage
from gateway.accounts.rules import token_hash
from gateway.assistants.repository import ASSISTANTS
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.db import Database, Transaction
from gateway.guessing.rules import Attempt
from gateway.guessing.service import Guesses
from gateway.knowledge.repository.passages import PassageRepository
from gateway.knowledge.rules import LoadedPassage
from gateway.policy.loading import permitted
from gateway.policy.roster import Roster
from gateway.policy.rules import Asker
from gateway.policy.words import Action
from gateway.shares.errors import ShareNotFound
from gateway.shares.repository import Opened, ShareRepository
from gateway.shares.rules import KeptMessage, shown
from gateway.shares.tables import Share
from gateway.signed_in import NotSignedIn
from gateway.visit import Visit

_MISSING = "There is no such link, or it was revoked."


@dataclass(frozen=True)
class Part:
    """Which messages: so many after a position."""

    after: int
    limit: int


class SharedService:
    """Opens links for whoever holds them."""

    def __init__(
        self, database: Database, roster: Roster, guesses: Guesses, *, is_for_anyone: bool
    ) -> None:
        self._database = database
        self._roster = roster
        self._guesses = guesses
        self._is_for_anyone = is_for_anyone

    async def open(
        self, reader: Caller | None, token: str, part: Part, visit: Visit
    ) -> SharedConversation:
        """What the link shows now. Raises NotSignedIn, ShareNotFound, TooManyAttempts.

        A link works as long as its conversation is there and its maker is in its workspace.
        """
        if reader is None and not self._is_for_anyone:
            raise NotSignedIn("Sign in to read what was shared with you.")
        guess = self._guesses.attempt(Attempt("share", visit.address))
        async with guess, self._database.transaction() as tx:
            found = await ShareRepository(tx).opened(token_hash(token))
            if found is None:
                raise ShareNotFound(_MISSING)
            maker = await self._maker(tx, found.share)
            return await self._shown(tx, reader, found, maker, part)

    async def _maker(self, tx: Transaction, share: Share) -> Asker:
        """The rights that whoever made the link has now. Raises ShareNotFound."""
        maker = await self._roster.rights(tx, share.workspace_id, share.member_id)
        if maker.member_id != share.member_id:
            raise ShareNotFound(_MISSING)
        return maker

    async def _shown(
        self, tx: Transaction, reader: Caller | None, found: Opened, maker: Asker, part: Part
    ) -> SharedConversation:
        share, assistant = found
        kept = [KeptMessage.model_validate(each) for each in share.messages[part.after :]]
        names = await self._roster.names(tx, share.workspace_id, [share.member_id])
        return SharedConversation(
            assistant_name=share.assistant_name,
            assistant_id=assistant.id if await _may_ask(tx, reader, assistant) else None,
            shared_by=names[share.member_id],
            shared_at=unix_seconds(share.created_at),
            messages=_page(kept, part, await self._sources(tx, assistant, maker, kept)),
        )

    async def _sources(
        self, tx: Transaction, assistant: Assistant, maker: Asker, kept: Iterable[KeptMessage]
    ) -> dict[str, LoadedPassage]:
        """What could still be quoted to whoever made the link: passages that the assistant may
        read, if its maker may still ask it, and of the files they attached themselves."""
        if not await permitted(tx, maker, Action.USE, ASSISTANTS, [assistant.id]):
            return {}
        ids = {cited.passage_id for message in kept for cited in message.citations}
        owner = await self._roster.rights(tx, assistant.workspace_id, assistant.owner_id)
        passages = PassageRepository(tx)
        found = await passages.answering(owner, ids) | await passages.attached(maker, ids)
        return {each.passage_id: each for each in found.values() if not each.is_off}


async def _may_ask(tx: Transaction, reader: Caller | None, assistant: Assistant) -> bool:
    if reader is None or assistant.published_version is None:
        return False
    return bool(await permitted(tx, reader, Action.USE, ASSISTANTS, [assistant.id]))


def _page(
    kept: Sequence[KeptMessage], part: Part, sources: Mapping[str, LoadedPassage]
) -> Page[SharedMessage]:
    data = [
        shown(message, position, sources)
        for position, message in enumerate(kept[: part.limit], part.after + 1)
    ]
    return Page(
        data=data,
        first_id=str(data[0].position) if data else None,
        last_id=str(data[-1].position) if data else None,
        has_more=len(kept) > part.limit,
    )
