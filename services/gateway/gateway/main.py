"""The gateway's app."""

from functools import partial

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from contracts.clients.jobs import SERVICE
from gateway.accounts import routes as accounts
from gateway.admin import routes as admin
from gateway.api_headers import ApiHeaders
from gateway.assistant_api.routes import chat as own_chat
from gateway.assistant_api.routes import description as own_description
from gateway.assistant_api.routes import files as own_files
from gateway.assistant_api.routes import preflight
from gateway.assistants import routes as assistants
from gateway.conversations import routes as conversations
from gateway.cross_origin import CrossOrigin
from gateway.database_problems import install_database_problems
from gateway.idempotent_posts import IdempotentPosts
from gateway.knowledge.routes import collections, documents, file_batches, files, jobs
from gateway.members import routes as members
from gateway.openai_api import routes as openai_api
from gateway.settings import Settings
from gateway.usage import routes as usage
from gateway.wiring import wire
from runtime.app import AppPlan, Wire, create_app

BODY_BYTES = 1 << 20
TEXT_BYTES = 256 << 20
"""The text of a document as JSON, from a worker; the routes of people take far less."""

ROUTERS: tuple[APIRouter, ...] = (
    accounts.router,
    members.router,
    assistants.router,
    files.router,
    collections.router,
    documents.router,
    file_batches.router,
    openai_api.router,
    own_chat.router,
    own_files.router,
    own_description.router,
    preflight.router,
    conversations.router,
    usage.router,
    admin.router,
    jobs.router,
)

MIDDLEWARE = (Middleware(ApiHeaders), Middleware(IdempotentPosts))


def build_app(settings: Settings, wiring: Wire | None = None) -> FastAPI:
    """The app for these settings; nothing is opened before it starts."""
    app = create_app(
        AppPlan(
            title="Stoa",
            service=SERVICE,
            wire=wiring or partial(wire, settings),
            routers=ROUTERS,
            default_body_bytes=BODY_BYTES,
            body_limits={
                # The route itself refuses a larger file, in words that name the file's limit.
                "/v1/files": 4 * settings.knowledge.file_bytes + BODY_BYTES,
                "/a/*/v1/files": 4 * settings.knowledge.file_bytes + BODY_BYTES,
                "/internal/jobs": TEXT_BYTES,
            },
            has_public_docs=True,
            middleware=MIDDLEWARE,
        )
    )
    install_database_problems(app)
    app.add_middleware(CrossOrigin)
    return app
