"""The gateway's app."""

from functools import partial

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.types import Scope

from contracts.avatars import MOST_UPLOAD_BYTES
from contracts.clients.jobs import SERVICE
from gateway.accounts import routes as accounts
from gateway.api_headers import ApiHeaders
from gateway.assistant_api.routes import chat as own_chat
from gateway.assistant_api.routes import description as own_description
from gateway.assistant_api.routes import files as own_files
from gateway.assistant_api.routes import preflight
from gateway.assistants import routes as assistants
from gateway.audit import routes as audit
from gateway.audit.rules import named_client
from gateway.audit_trail import AuditTrail, ClientName
from gateway.avatars import routes as avatars
from gateway.budgets import routes as budgets
from gateway.building import routes as building
from gateway.bundles import routes as bundles
from gateway.catalog import routes as catalog
from gateway.conversations import routes as conversations
from gateway.credentials import routes as credentials
from gateway.cross_origin import CrossOrigin
from gateway.database_problems import install_database_problems
from gateway.doors import routes as doors
from gateway.engines import routes as engines
from gateway.groups import routes as groups
from gateway.idempotent_posts import IdempotentPosts
from gateway.in_force import routes as in_force
from gateway.knowledge.routes import (
    collections,
    documents,
    file_batches,
    files,
    job_list,
    jobs,
    pages,
    passages,
)
from gateway.leaving import routes as leaving
from gateway.members import routes as members
from gateway.moderation import routes as moderation
from gateway.open_answers import OpenAnswers
from gateway.openai_api import routes as openai_api
from gateway.prices import routes as prices
from gateway.quotas import routes as quotas
from gateway.reconciling import routes as reconciling
from gateway.reporting import routes as reporting
from gateway.security_headers import SecurityHeaders
from gateway.settings import Settings
from gateway.shares import routes as shares
from gateway.versions import routes as versions
from gateway.visit import Visitors
from gateway.wide_bodies import only_so_many_values
from gateway.wiring import wire
from gateway.workspaces import routes as workspaces
from runtime.app import AppPlan, Wire, create_app
from runtime.client_address import ClientAddress
from runtime.visitor_tokens import PURPOSE as VISITORS
from runtime.visitor_tokens import VisitorTokens

BODY_BYTES = 1 << 20
BUNDLE_OVERHEAD_BYTES = 32 << 20
"""What a bundle may weigh beside its files: texts, headers, the form around it."""
TEXT_BYTES = 256 << 20
"""The text of a document as JSON, from a worker; the routes of people take far less."""

ROUTERS: tuple[APIRouter, ...] = (
    accounts.router,
    credentials.router,
    members.router,
    workspaces.router,
    leaving.router,
    groups.router,
    # Before the assistants: `import` would be an id to them.
    bundles.router,
    assistants.router,
    avatars.router,
    doors.router,
    versions.router,
    building.router,
    building.drafts,
    files.router,
    collections.router,
    documents.router,
    file_batches.router,
    pages.router,
    passages.router,
    openai_api.router,
    own_chat.router,
    own_files.router,
    own_description.router,
    preflight.router,
    conversations.router,
    shares.router,
    catalog.router,
    moderation.router,
    catalog.choices_router,
    budgets.router,
    prices.router,
    quotas.router,
    reporting.router,
    reconciling.router,
    engines.router,
    in_force.router,
    job_list.router,
    audit.router,
    avatars.internal,
    jobs.router,
)

MIDDLEWARE = (Middleware(ApiHeaders), Middleware(IdempotentPosts))


def client_name(settings: Settings) -> ClientName:
    """How the record names the client of a request."""
    naming, key = settings.audit.client_addresses, settings.shared.purpose_key("audit clients")

    def name(scope: Scope) -> str | None:
        client = scope.get("client")
        return named_client(None if client is None else client[0], naming, key)

    return name


def body_limits(settings: Settings) -> dict[str, int]:
    """The paths that take larger bodies, and how large."""
    knowledge = settings.knowledge
    return {
        # The route itself refuses a larger file, in words that name the file's limit.
        "/v1/files": 4 * knowledge.file_bytes + BODY_BYTES,
        "/a/*/v1/files": 4 * knowledge.file_bytes + BODY_BYTES,
        # The service itself refuses what is a little larger, in words about pictures.
        "/v1/assistants/*/avatar$": MOST_UPLOAD_BYTES + BODY_BYTES,
        "/v1/conversations/*/files$": 4 * knowledge.file_bytes + BODY_BYTES,
        "/v1/assistants/import$": knowledge.bundle_bytes + BUNDLE_OVERHEAD_BYTES,
        "/internal/jobs": TEXT_BYTES,
    }


def build_app(settings: Settings, wiring: Wire | None = None) -> FastAPI:
    """The app for these settings; nothing is opened before it starts."""
    app = create_app(
        AppPlan(
            title="Stoa",
            service=SERVICE,
            wire=wiring or partial(wire, settings),
            routers=ROUTERS,
            default_body_bytes=BODY_BYTES,
            body_limits=body_limits(settings),
            has_public_docs=True,
            first=(only_so_many_values,),
            middleware=(
                Middleware(Visitors, tokens=VisitorTokens(settings.shared.purpose_key(VISITORS))),
                Middleware(AuditTrail, client_name=client_name(settings)),
                Middleware(
                    OpenAnswers,
                    check_seconds=settings.sessions.check_seconds,
                    guest_check_seconds=settings.guests.check_seconds,
                ),
                *MIDDLEWARE,
            ),
        )
    )
    install_database_problems(app)
    app.add_middleware(CrossOrigin)
    # The outermost: whatever looks at the client sees the one it is.
    app.add_middleware(ClientAddress, proxies=settings.shared.proxies())
    app.add_middleware(SecurityHeaders)
    return app
