"""Retrieval with the model that people get: questions in two languages find what they mean."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from retrieval.main import build_app
from tests.support.models import embedding_model_path
from tests.support.retrieval import batch_of, retrieval_settings
from tests.unit.retrieval.callers import Caller, writer

PASSAGES = [
    "The harbour office opens at six in the morning, except on holidays.",
    "Sourdough is baked overnight and sold from seven.",
    "城墙修建于十四世纪，用了三十年。",
]


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder: Path = tmp_path_factory.mktemp("real")
    settings = retrieval_settings(folder).model_copy(
        update={"embedding_path": str(embedding_model_path())}
    )
    with TestClient(build_app(settings)) as http:
        ada = writer(http, "ws_ada")
        _, embedded = ada.send("POST", "/v1/embeddings", {"texts": PASSAGES, "kind": "passage"})
        _, stamp = ada.send("GET", "/v1/stamp")
        assert stamp == embedded["stamp"]
        batch = batch_of(stamp, "v1", embedded["vectors"])
        assert ada.send("PUT", "/v1/passages", batch.model_dump())[0] == 200
        reveal = {"document_version_id": "v1", "from_epoch": 1}
        assert ada.send("POST", "/v1/passages/reveal", reveal)[0] == 200
        yield ada


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("When can I go to the port authority?", "psg_v1_0"),
        ("城墙是哪个世纪建的？", "psg_v1_2"),
        ("How long did it take to build the city wall?", "psg_v1_2"),
    ],
)
def test_meaning_is_found_across_words_and_languages(
    ada: Caller, question: str, nearest: str
) -> None:
    assert ada.ask(question)[0] == nearest


def test_retrieval_with_the_real_model_is_ready(ada: Caller) -> None:
    assert ada.http.get("/health/ready").json()["ready"] is True
