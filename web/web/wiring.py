"""The composition root: every object web is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from runtime.health import SelfTests
from runtime.outgoing import service_client
from runtime.provide import Provided
from runtime.visitor_tokens import PURPOSE, VisitorTokens
from web.assets import Assets
from web.clients.accounts import Accounts
from web.clients.assistants import Assistants
from web.clients.audit import Audit
from web.clients.budgets import Budgets
from web.clients.catalog import Catalog
from web.clients.conversations import Conversations
from web.clients.doors import Doors
from web.clients.gateway import Gateway
from web.clients.keys import Keys
from web.clients.knowledge import Knowledge
from web.clients.members import Members
from web.clients.moderation import Moderation
from web.clients.prices import Limits, Prices
from web.clients.running import Running
from web.clients.shares import Shares
from web.clients.sharing import Sharings
from web.clients.usage import Usage
from web.clients.versions import Versions
from web.clients.workspaces import Workspaces
from web.cookies import Cookies
from web.forgery import FormTokens
from web.forwarding import signs
from web.languages import Languages
from web.pages import Pages
from web.settings import Settings

_TIMEOUT = httpx2.Timeout(30, connect=5)
# Each open answer holds a connection, so the pool is wide.
_LIMITS = httpx2.Limits(max_connections=1_000, max_keepalive_connections=50)


def open_pages(settings: Settings, cookies: Cookies) -> Pages:
    """What renders the pages. The frame around the app needs it before anything is wired."""
    tokens = FormTokens(settings.shared.service_key())
    return Pages(Languages.load(), Assets(), cookies, tokens)


@asynccontextmanager
async def wire(settings: Settings, pages: Pages, cookies: Cookies) -> AsyncIterator[Provided]:
    """One connection pool to the gateway, and a client per resource over it."""
    async with service_client(settings.gateway_url, _TIMEOUT, _LIMITS) as http:
        signs(http, VisitorTokens(settings.shared.purpose_key(PURPOSE)))
        gateway = Gateway(http)
        accounts = Accounts(gateway)

        async def gateway_answers() -> None:
            await accounts.installation()

        yield {
            Settings: settings,
            Pages: pages,
            Cookies: cookies,
            Languages: pages.languages,
            Accounts: accounts,
            Assistants: Assistants(gateway),
            Knowledge: Knowledge(gateway),
            Versions: Versions(gateway),
            Sharings: Sharings(gateway),
            Shares: Shares(gateway),
            Doors: Doors(gateway),
            Conversations: Conversations(gateway),
            Usage: Usage(gateway),
            Audit: Audit(gateway),
            Catalog: Catalog(gateway),
            Budgets: Budgets(gateway),
            Prices: Prices(gateway),
            Limits: Limits(gateway),
            Running: Running(gateway),
            Keys: Keys(gateway),
            Members: Members(gateway),
            Moderation: Moderation(gateway),
            Workspaces: Workspaces(gateway),
            SelfTests: SelfTests({"gateway": gateway_answers}),
        }
