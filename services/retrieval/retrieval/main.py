"""Retrieval's app."""

from functools import partial

from fastapi import FastAPI

from contracts.clients.retrieval import SERVICE
from retrieval.copying import routes as copying
from retrieval.embeddings import routes as embeddings
from retrieval.indexing import routes as indexing
from retrieval.reranking import routes as reranking
from retrieval.search import routes as search
from retrieval.settings import Settings
from retrieval.wiring import wire
from runtime.app import AppPlan, create_app

BODY_BYTES = 4 << 20
"""128 texts of 8,000 Chinese characters fit; only batches of vectors are larger."""


def build_app(settings: Settings) -> FastAPI:
    """The app for these settings; nothing is opened before it starts."""
    return create_app(
        AppPlan(
            title="Stoa retrieval",
            service=SERVICE,
            wire=partial(wire, settings),
            routers=(
                search.router,
                indexing.router,
                embeddings.router,
                reranking.router,
                copying.router,
            ),
            default_body_bytes=BODY_BYTES,
            body_limits={
                "/v1/passages": settings.limits.batch_bytes,
                "/v1/passages/reveal": BODY_BYTES,
            },
        )
    )
