"""What those who share an assistant do with its links."""

from contracts.assistants import Visibility
from contracts.doors import LinkCreate, LinkCreated, LinkView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.accounts.rules import expiry_of, new_token, token_hash
from gateway.assistants.repository import ASSISTANTS
from gateway.assistants.service.finding import changeable
from gateway.assistants.tables import Link
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.doors.errors import SharingIsPrivate, TooManyLinks
from gateway.doors.repository import LINKS, LinkRepository
from gateway.doors.rules import LINK_PREFIX, MOST_LINKS
from gateway.doors.service.views import link_view
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action


class LinkService:
    """Makes links, tells of them, and revokes them."""

    def __init__(self, database: Database, web_url: str, clock: Clock = utc_now) -> None:
        self._database = database
        self._web_url = web_url
        self._clock = clock

    async def create(self, caller: Caller, id_or_slug: str, wanted: LinkCreate) -> LinkCreated:
        """Make a link; its token is in this answer and nowhere else.

        Raises SharingIsPrivate, TooManyLinks, ExpiryPassed.
        """
        token, now = new_token(LINK_PREFIX), self._clock()
        expires_at = expiry_of(wanted.expires_at, now)
        async with self._database.transaction() as tx:
            # Held, so that two windows at once do not make more links than there may be.
            assistant = await changeable(tx, caller, id_or_slug, Action.SHARE)
            if assistant.visibility == Visibility.PRIVATE:
                raise SharingIsPrivate(
                    "This assistant is private: share it with whoever has the link first."
                )
            repository = LinkRepository(tx)
            if await repository.count_live(assistant) >= MOST_LINKS:
                raise TooManyLinks(f"There are {MOST_LINKS} links already: revoke one first.")
            link = Link(
                id=new_id("lnk_"),
                assistant_id=assistant.id,
                workspace_id=assistant.workspace_id,
                name=wanted.name,
                token_hash=token_hash(token),
                created_by=caller.member_id,
                visitors=0,
                expires_at=expires_at,
                created_at=now,
            )
            repository.add(link)
            Acts(tx).record(Act.LINK_CREATED, caller, link.id)
        address = f"{self._web_url}/l/{token}"
        return LinkCreated(**link_view(link).model_dump(), token=token, link=address)

    async def list(self, caller: Caller, id_or_slug: str, page: PageRequest) -> Page[LinkView]:
        """The links of an assistant, for those who share it."""
        async with self._database.transaction() as tx:
            assistant = await load(tx, caller, Action.SHARE, ASSISTANTS, id_or_slug)
            rows = await LinkRepository(tx).of(assistant, page)
        return as_page(rows, link_view, lambda view: view.id)

    async def revoke(self, caller: Caller, link_id: str) -> Deleted:
        """The link opens nothing from the next call on, and visits that came by it are over."""
        async with self._database.transaction() as tx:
            link = await load(tx, caller, Action.SHARE, LINKS, link_id, Hold.ALONE)
            await LinkRepository(tx).remove(link)
            Acts(tx).record(Act.LINK_REVOKED, caller, link.id)
        return Deleted(id=link_id, object="assistant.link.deleted")
