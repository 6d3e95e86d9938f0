"""Retrieval's clients against the real retrieval, and against the stand-in of ingest's tests."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import pytest

from contracts.clients.retrieval import IndexClient, RetrievalClient
from contracts.errors import ErrorKind, RemoteError, ServiceUnavailable
from contracts.passages import EmbeddingRequest, PassageBatch, Reveal, SearchRequest
from contracts.principal import CollectionGrant, Principal
from runtime.outgoing import known_authorities
from runtime.service_auth import ServiceTokens
from tests.support import neighbours
from tests.support.engines import free_port
from tests.support.retrieval import EMBEDDER, SECRET, STAMP, batch_of_texts, running_retrieval

TOKENS = ServiceTokens(SECRET.encode(), "gateway")
INGEST = Principal(workspace_id="ws_ada", write=True)
READER = Principal(
    workspace_id="ws_ada", collections=(CollectionGrant(collection_id="vs_plans", epoch=None),)
)


def sign(principal: Principal) -> str:
    return TOKENS.sign("retrieval", principal)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("retrieval")
    with running_retrieval(folder) as address:
        yield address


@pytest.fixture(params=["real", "stand-in"])
def writing(request: pytest.FixtureRequest) -> Iterator[tuple[IndexClient, Principal]]:
    """A client that writes, and the workspace it writes for: whoever answers must answer alike."""
    with ExitStack() as open_until_end:
        if request.param == "real":
            address, secret, workspace = request.getfixturevalue("address"), SECRET, "ws_ada"
        else:
            _, stand_in = open_until_end.enter_context(neighbours.neighbours())
            address, secret = stand_in.address, neighbours.SECRET
            workspace = neighbours.WORKSPACE
        http = open_until_end.enter_context(
            closing(httpx2.Client(base_url=address, verify=known_authorities()))
        )
        tokens = ServiceTokens(secret.encode(), "ingest")
        client = IndexClient(http, lambda principal: tokens.sign("retrieval", principal))
        yield client, Principal(workspace_id=workspace, write=True)


@pytest.fixture
def index(address: str) -> Iterator[IndexClient]:
    with closing(httpx2.Client(base_url=address, verify=known_authorities())) as http:
        yield IndexClient(http, sign)


def batch(version: str, *texts: str) -> PassageBatch:
    return batch_of_texts(version, *texts)


async def search(address: str, query: str, principal: Principal = READER) -> list[str]:
    async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
        result = await RetrievalClient(http, sign).search(principal, SearchRequest(query=query))
    return [hit.passage_id for hit in result.hits]


def test_the_stamp_is_the_embedders(index: IndexClient) -> None:
    assert index.stamp(INGEST) == STAMP


async def test_a_document_is_put_revealed_found_and_purged(
    address: str, index: IndexClient
) -> None:
    index.put(INGEST, batch("dv_1", "the harbour opens at six", "bread is baked at night"))
    unseen = await search(address, "harbour")
    index.reveal(INGEST, Reveal(document_version_id="dv_1", from_epoch=1))
    seen = await search(address, "harbour")
    counted = index.count(INGEST, "dv_1")
    left = index.purge(INGEST, "dv_1")

    assert (unseen, seen[:1]) == ([], ["psg_dv_1_0"])
    assert (counted.count, left.count) == (2, 0)
    assert await search(address, "harbour") == []


async def test_texts_become_vectors_of_the_same_stamp(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address, verify=known_authorities()) as http:
        result = await RetrievalClient(http, sign).embed(
            READER, EmbeddingRequest(texts=["one", "two"], kind="passage")
        )

    assert result.stamp == STAMP
    assert result.vectors == [pytest.approx(v) for v in EMBEDDER.embed_passages(["one", "two"])]


def test_writes_are_answered_with_counts_and_may_be_repeated(
    writing: tuple[IndexClient, Principal],
) -> None:
    index, worker = writing
    for _ in range(2):
        index.put(worker, batch("dv_9", "one", "two"))
        index.reveal(worker, Reveal(document_version_id="dv_9", from_epoch=1))
    left = [index.purge(worker, "dv_9").count for _ in range(2)]

    assert left == [0, 0]


def test_writes_without_leave_are_refused(writing: tuple[IndexClient, Principal]) -> None:
    index, worker = writing
    reader = worker.model_copy(update={"write": False})

    with pytest.raises(RemoteError) as refused:
        index.put(reader, batch("dv_9", "one"))

    assert refused.value.kind is ErrorKind.FORBIDDEN


def test_a_refusal_arrives_as_the_fact_it_was(index: IndexClient) -> None:
    stale = batch("dv_2", "one")
    stale.stamp = stale.stamp.model_copy(update={"revision": "f" * 16})

    with pytest.raises(RemoteError) as refused:
        index.put(INGEST, stale)

    assert (refused.value.kind, refused.value.code) == (ErrorKind.CONFLICT, "stamp_mismatch")


def test_a_reader_is_refused_by_name(index: IndexClient) -> None:
    with pytest.raises(RemoteError) as refused:
        index.put(READER, batch("dv_3", "one"))

    assert (refused.value.kind, refused.value.code) == (ErrorKind.FORBIDDEN, "write_refused")


async def test_a_service_that_speaks_for_nobody_is_refused(address: str) -> None:
    with pytest.raises(RemoteError) as refused:
        await search(address, "harbour", Principal())

    assert refused.value.code == "no_workspace"


async def test_a_retrieval_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(ServiceUnavailable):
        await search(f"http://127.0.0.1:{free_port()}", "harbour")
