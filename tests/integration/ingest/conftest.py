"""A worker's neighbours as stand-ins over HTTP, and a pipeline between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings, WorkLimits
from ingest.wiring import wire
from runtime.settings import SharedSettings
from tests.support.models import spacy_model_path
from tests.support.neighbours import SECRET, Gateway, Index, neighbours


@pytest.fixture
def around() -> Iterator[tuple[Gateway, Index]]:
    with neighbours() as both:
        yield both


@pytest.fixture
def gateway(around: tuple[Gateway, Index]) -> Gateway:
    return around[0]


@pytest.fixture
def index(around: tuple[Gateway, Index]) -> Index:
    return around[1]


@pytest.fixture
def pipeline(gateway: Gateway, index: Index, tmp_path: Path) -> Iterator[Pipeline]:
    shared = SharedSettings(home=tmp_path, service_secret=SecretStr(SECRET))
    settings = IngestSettings(
        gateway_url=HttpUrl(gateway.address),
        retrieval_url=HttpUrl(index.address),
        embedding_path="hashing",
        spacy_path=spacy_model_path(),
        limits=WorkLimits(patience_seconds=2, batch_passages=4),
    )
    with wire(shared, settings) as pipeline:
        yield pipeline
