"""The app every HTTP process starts from."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware

from contracts.errors import ErrorEnvelope
from runtime import health, metrics
from runtime.envelope import BodyLimit, RequestEnvelope
from runtime.observing import Observed
from runtime.problems import install_problems
from runtime.provide import Provided
from runtime.stopping import Stopping
from runtime.whole_text import only_whole_text

Wire = Callable[[], AbstractAsyncContextManager[Provided]]
"""Builds every object of a process, and closes them again."""

DEFAULT_BODY_BYTES = 8 << 20
# FastAPI's own spans and logs would carry messages of exceptions and refused input, which quote
# what people wrote; and an environment variable could switch them on. See `runtime.telemetry`.
_NOT_BY_FASTAPI: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorEnvelope"}}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorEnvelope, "content": _PROBLEM, "description": "Refused"},
    "5XX": {"model": ErrorEnvelope, "content": _PROBLEM, "description": "It could not be done"},
}
"""Every failure of every route has this one shape (`runtime.problems`), streams' too."""


@dataclass(frozen=True)
class AppPlan:
    """What makes one process's app different from another's."""

    title: str
    service: str
    wire: Wire
    routers: Iterable[APIRouter]
    default_body_bytes: int = DEFAULT_BODY_BYTES
    body_limits: Mapping[str, int] = field(default_factory=dict)
    """Path prefix (`*`: any one part) -> bytes, for the paths that take more (or less)."""
    has_public_docs: bool = False
    middleware: Sequence[Middleware] = ()
    """Layers of the process's own, the outermost first; they see bounded requests with an id."""
    first: Sequence[Callable[[Request], Awaitable[None]]] = ()
    """What every route depends on, solved before its body is held against a model."""


def create_app(plan: AppPlan) -> FastAPI:
    """An app with problems, health, request ids and body limits in place."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with plan.wire() as provided:
            # A process whose own tasks outlive requests wires the one they watch.
            stopping = provided.get(Stopping) or Stopping()
            app.state.stopping = stopping
            yield {"provided": {Stopping: stopping, **provided}, "stopping": stopping}
            if not stopping.is_asked:
                stopping.come_due()

    app = FastAPI(
        title=plan.title,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if plan.has_public_docs else None,
        telemetry=_NOT_BY_FASTAPI,
        responses=_PROBLEMS,
        dependencies=[*map(Depends, plan.first), Depends(only_whole_text)],
        middleware=[
            Middleware(RequestEnvelope),
            Middleware(Observed, service=plan.service),
            Middleware(BodyLimit, default_bytes=plan.default_body_bytes, limits=plan.body_limits),
            *plan.middleware,
        ],
    )
    install_problems(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    for router in plan.routers:
        app.include_router(router)
    _prepare_routes(app)
    return app


def _prepare_routes(app: FastAPI) -> None:
    """Have FastAPI resolve every route now.

    Left alone it does so within the first request, which then waits (138 routes: 0.4 s), and by
    changing the process's warning filters, which no thread may do while others run.
    """
    for _ in iter_route_contexts(app.routes):
        pass
