"""Web as an ASGI app."""

from functools import partial

from fastapi import FastAPI, Request
from pydantic import ValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from runtime.app import AppPlan, create_app
from runtime.client_address import ClientAddress
from runtime.problems import problem
from web.account.entering import router as entering
from web.account.keys import router as keys
from web.account.own import router as own
from web.account.routes import router as account
from web.account.shortcuts import router as shortcuts
from web.account.usage import router as own_usage
from web.admin.budgets import router as budgets
from web.admin.exports import router as exports
from web.admin.limits import router as limits
from web.admin.moderation import router as moderation
from web.admin.money import router as money
from web.admin.prices import router as prices
from web.admin.routes import router as admin
from web.admin.running import router as running
from web.assets import KeptFiles
from web.chat.citations import router as citations
from web.chat.feedback import router as feedback
from web.chat.files import UPLOADS as ATTACHED
from web.chat.files import router as attached_files
from web.chat.keeping import router as keeping
from web.chat.routes import router as chat
from web.chat.shares import router as shares
from web.cookies import Cookies
from web.doors.routes import router as rooms
from web.doors.talks import router as guest_talks
from web.doors.widget import router as widget
from web.forwarding import Forwarding
from web.frame import Frame
from web.leaving.routes import router as leaving
from web.members.groups import router as groups
from web.members.joining import router as joining
from web.members.roster import router as roster
from web.settings import Settings
from web.store.listings import router as listings
from web.store.report_forms import router as report_forms
from web.store.routes import router as store
from web.store.shelves import router as shelves
from web.studio.avatars import router as avatars
from web.studio.drafting import router as drafting
from web.studio.flagged import router as flagged
from web.studio.imports import router as imports
from web.studio.insight import router as insight
from web.studio.knowledge import UPLOADS
from web.studio.knowledge import router as knowledge
from web.studio.links import router as assistant_links
from web.studio.own_api import router as own_api
from web.studio.passages import router as file_passages
from web.studio.passing import router as passing
from web.studio.people import router as people
from web.studio.preview import router as preview
from web.studio.routes import router as studio
from web.studio.showing import router as showing
from web.studio.takedown_forms import router as takedown_forms
from web.studio.versions import router as versions
from web.studio.websites import router as websites
from web.wiring import open_pages, wire
from web.workspaces.routes import router as workspaces
from web.zones import router as zones

SERVICE = "web"
FORM_OVERHEAD_BYTES = 1 << 20
FORM_BYTES = 1 << 20

ROUTERS = [
    store,
    shelves,
    listings,
    report_forms,
    account,
    keys,
    avatars,
    knowledge,
    own_api,
    drafting,
    preview,
    insight,
    imports,
    takedown_forms,
    studio,
    versions,
    passing,
    citations,
    keeping,
    chat,
    attached_files,
    feedback,
    shares,
    rooms,
    guest_talks,
    widget,
    exports,
    money,
    moderation,
    own_usage,
    admin,
    budgets,
    prices,
    limits,
    running,
    roster,
    groups,
    people,
    assistant_links,
    websites,
    showing,
    joining,
    entering,
    own,
    workspaces,
    leaving,
    flagged,
    file_passages,
    shortcuts,
    zones,
]
"""What was named first is asked first."""


class UnfitForm(StoreError):
    """A form holds what no field of our pages lets through."""

    kind = ErrorKind.INVALID
    code = "invalid_request"


async def _unfit(request: Request, error: Exception) -> Response:
    """What a page does not explain field by field. Answers of the gateway never come this far:
    its clients make errors of theirs."""
    del error
    return problem(UnfitForm("The form is not complete."), request.state.request_id)


def build_app(settings: Settings) -> FastAPI:
    """The pages, framed."""
    cookies = Cookies(settings.cookie_prefix())
    pages = open_pages(settings, cookies)
    app = create_app(
        AppPlan(
            title="Stoa web",
            service=SERVICE,
            wire=partial(wire, settings, pages, cookies),
            routers=ROUTERS,
            default_body_bytes=FORM_BYTES,
            body_limits=dict.fromkeys(
                (UPLOADS, *ATTACHED), settings.upload_bytes + FORM_OVERHEAD_BYTES
            ),
        )
    )
    app.add_exception_handler(ValidationError, _unfit)
    app.mount("/static", KeptFiles(), name="static")
    # The last one added is the outermost: compression must not hide problems from the frame.
    app.add_middleware(Frame, pages=pages, cookies=cookies)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(Forwarding, cookies=cookies)
    # Outside of everything: whatever looks at client or scheme sees the true ones.
    app.add_middleware(ClientAddress, proxies=settings.shared.proxies())
    return app
