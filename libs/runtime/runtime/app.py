"""The app every HTTP process starts from."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from runtime import health
from runtime.envelope import BodyLimit, RequestEnvelope
from runtime.problems import install_problems
from runtime.provide import Provided

Wire = Callable[[], AbstractAsyncContextManager[Provided]]
"""Builds every object of a process, and closes them again."""

DEFAULT_BODY_BYTES = 8 << 20


@dataclass(frozen=True)
class AppPlan:
    """What makes one process's app different from another's."""

    title: str
    wire: Wire
    routers: Iterable[APIRouter]
    default_body_bytes: int = DEFAULT_BODY_BYTES
    body_limits: Mapping[str, int] = field(default_factory=dict)
    """Path prefix -> bytes, for the paths that take more (or less)."""
    has_public_docs: bool = False


def create_app(plan: AppPlan) -> FastAPI:
    """An app with problems, health, request ids and body limits in place."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Provided]]:
        async with plan.wire() as provided:
            yield {"provided": provided}

    app = FastAPI(
        title=plan.title,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if plan.has_public_docs else None,
        middleware=[
            Middleware(RequestEnvelope),
            Middleware(BodyLimit, default_bytes=plan.default_body_bytes, limits=plan.body_limits),
        ],
    )
    install_problems(app)
    app.include_router(health.router)
    for router in plan.routers:
        app.include_router(router)
    return app


def serve(app: FastAPI, host: str, port: int, grace_seconds: int = 10) -> None:
    """Run the app until a signal; open streams get `grace_seconds` to end."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=grace_seconds,
    )
