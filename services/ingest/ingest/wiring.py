"""The composition root: everything a pool child works with, built once after the fork."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from contracts.clients.http import Sign
from contracts.clients.jobs import JobsClient
from contracts.clients.retrieval import IndexClient
from contracts.principal import Principal
from embedding.port import Embedder
from ingest.pages import Pages
from ingest.parsing.jail import Jail
from ingest.patience import Patience
from ingest.pipeline import Neighbours, Pipeline, Workbench
from ingest.scratch import scratch
from ingest.settings import HASHING_TWIN, IngestSettings
from runtime.outbound.resolving import Resolver
from runtime.outgoing import service_client_in_thread
from runtime.service_auth import ServiceTokens
from runtime.settings import SharedSettings


@contextmanager
def wire(
    shared: SharedSettings, settings: IngestSettings, resolver: Resolver | None = None
) -> Iterator[Pipeline]:
    """A pipeline for this process, and its connections for as long as it is used.

    resolver: who finds the servers of web pages; None: the machine's own.
    """
    tokens = ServiceTokens(shared.service_key(), "ingest")
    seconds = settings.limits.request_seconds
    with (
        scratch((settings.scratch_path or shared.home / "scratch").absolute()) as folder,
        service_client_in_thread(str(settings.gateway_url), seconds) as gateway,
        service_client_in_thread(str(settings.retrieval_url), seconds) as retrieval,
    ):
        neighbours = Neighbours(
            jobs=JobsClient(gateway, _signer(tokens, "gateway")),
            index=IndexClient(retrieval, _signer(tokens, "retrieval")),
            patience=Patience(settings.limits.patience_seconds),
        )
        pages = Pages(shared.outbound, is_on=shared.web_pages, resolver=resolver)
        yield Pipeline(neighbours, _workbench(settings, folder, pages))


def _workbench(settings: IngestSettings, folder: Path, pages: Pages) -> Workbench:
    return Workbench(
        pages=pages,
        pictures=settings.pictures,
        jail=Jail(settings.jail, spacy_folder=settings.spacy_path, scratch=folder),
        scratch=folder,
        open_embedder=embedder_opener(settings),
        batch_passages=settings.limits.batch_passages,
        deadline_seconds=settings.limits.deadline_seconds,
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )


def embedder_opener(settings: IngestSettings) -> Callable[[], Embedder]:
    """Opens the embedder once, on the first document: torch must not be loaded before the fork."""

    @cache
    def opened() -> Embedder:
        if settings.embedding_path == HASHING_TWIN:
            from embedding.adapters.embedder_hashing import HashingEmbedder

            return HashingEmbedder()
        from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(
            Path(settings.embedding_path), threads=settings.limits.embedding_threads
        )

    return opened


def _signer(tokens: ServiceTokens, audience: str) -> Sign:
    def sign(principal: Principal) -> str:
        return tokens.sign(audience, principal)

    return sign
