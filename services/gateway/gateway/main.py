"""The gateway's app."""

from functools import partial

from fastapi import APIRouter, FastAPI

from gateway.accounts import routes as accounts
from gateway.admin import routes as admin
from gateway.assistants import routes as assistants
from gateway.conversations import routes as conversations
from gateway.database_problems import install_database_problems
from gateway.knowledge.routes import collections, documents, files, jobs
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
    assistants.router,
    files.router,
    collections.router,
    documents.router,
    openai_api.router,
    conversations.router,
    usage.router,
    admin.router,
    jobs.router,
)


def build_app(settings: Settings, wiring: Wire | None = None) -> FastAPI:
    """The app for these settings; nothing is opened before it starts."""
    app = create_app(
        AppPlan(
            title="Stoa",
            wire=wiring or partial(wire, settings),
            routers=ROUTERS,
            default_body_bytes=BODY_BYTES,
            body_limits={
                # The route itself refuses a larger file, in words that name the file's limit.
                "/v1/files": 4 * settings.knowledge.file_bytes + BODY_BYTES,
                "/internal/jobs": TEXT_BYTES,
            },
            has_public_docs=True,
        )
    )
    install_database_problems(app)
    return app
