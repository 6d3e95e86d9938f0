"""One suite for every vector store: Edge, a twin of the server, and a server when one is named."""

import secrets
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from qdrant_client import AsyncQdrantClient

from contracts.passages import EmbeddingStamp
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.adapters.vectors_qdrant_server import open_server, prepared
from retrieval.ports import (
    NOW,
    CollectionView,
    IndexUnavailable,
    Scope,
    VectorStore,
    VersionNotFound,
    index_name,
)
from tests.support.qdrant_twin import qdrant_twin
from tests.support.retrieval import batch_of, nearest

EAST, NORTH = [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]
EAST_BY_NORTH = [0.8, 0.6, 0.0, 0.0]
ADAS, BOBS = "ws_ada", "ws_bob"


class ServerInReach(BaseSettings):
    """A real Qdrant server, when the environment names one."""

    model_config = SettingsConfigDict(env_prefix="RETRIEVAL_")

    qdrant_url: AnyHttpUrl | None = None
    qdrant_api_key: SecretStr | None = None


SERVER = ServerInReach()
KINDS = ["edge", "twin"] if SERVER.qdrant_url is None else ["edge", "twin", "server"]
TWINS_KEY = "a key that only tests know"


@asynccontextmanager
async def server_at(
    url: str, api_key: str | None, stamp: EmbeddingStamp
) -> AsyncIterator[VectorStore]:
    with warnings.catch_warnings():  # the client warns of a key over plain HTTP
        warnings.simplefilter("ignore", UserWarning)
        client = AsyncQdrantClient(url=url, api_key=api_key, timeout=10, check_compatibility=False)
    try:
        yield await prepared(client, stamp)
    finally:
        await client.delete_collection(index_name(stamp))
        await client.close()


@pytest.fixture(scope="module")
def twin() -> Iterator[str]:
    with qdrant_twin(TWINS_KEY) as address:
        yield address


def opened(
    kind: str, folder: Path, stamp: EmbeddingStamp, twin: str
) -> AbstractAsyncContextManager[VectorStore]:
    if kind == "edge":
        return open_edge(folder, stamp)
    if kind == "twin":
        return server_at(twin, TWINS_KEY, stamp)
    key = SERVER.qdrant_api_key
    return server_at(str(SERVER.qdrant_url), key.get_secret_value() if key else None, stamp)


@pytest.fixture
def stamp() -> EmbeddingStamp:
    return EmbeddingStamp(model_id="tiny/compass", dimension=4, revision=secrets.token_hex(8))


@pytest.fixture(params=KINDS)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, stamp: EmbeddingStamp, twin: str
) -> AsyncIterator[VectorStore]:
    async with opened(request.param, tmp_path / "index", stamp, twin) as store:
        yield store


def scope(tenant: str = ADAS, **epochs: int) -> Scope:
    views = epochs or {"vs_plans": NOW}
    return Scope(tenant, tuple(CollectionView(name, epoch) for name, epoch in views.items()))


async def found(
    store: VectorStore, scope: Scope, vector: list[float] = EAST, limit: int = 100
) -> list[str]:
    return [hit.passage.passage_id for hit in await nearest(store, scope, vector, limit)]


async def test_the_unrevealed_is_unseen(store: VectorStore, stamp: EmbeddingStamp) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST]))

    assert await store.count(ADAS, "v1") == 1
    assert await found(store, scope()) == []


async def test_a_hit_says_where_it_is_from_and_how_near_it_is(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST_BY_NORTH]))
    await store.reveal(ADAS, "v1", 1)

    [hit] = await nearest(store, scope(), EAST, 10)

    assert hit.passage.passage_id == "psg_v1_0"
    assert (hit.passage.document_id, hit.passage.document_version_id) == ("file-of-v1", "v1")
    assert hit.passage.collection_id == "vs_plans"
    assert hit.score == pytest.approx(0.8, abs=1e-6)


async def test_the_nearest_come_first_and_no_more_than_asked(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [NORTH, EAST, EAST_BY_NORTH]))
    await store.reveal(ADAS, "v1", 1)

    assert await found(store, scope(), EAST, limit=2) == ["psg_v1_1", "psg_v1_2"]


async def test_length_does_not_matter_only_direction(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [[3.0, 0.0, 0.0, 0.0]]))
    await store.reveal(ADAS, "v1", 1)

    [hit] = await nearest(store, scope(), [0.5, 0.0, 0.0, 0.0], 1)

    assert hit.score == pytest.approx(1, abs=1e-6)


async def test_a_tenant_sees_only_its_own_even_under_the_same_collection_id(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    for tenant, version in ((ADAS, "v1"), (BOBS, "v2")):
        await store.put(tenant, batch_of(stamp, version, [EAST, NORTH]))
        await store.reveal(tenant, version, 1)

    assert sorted(await found(store, scope(ADAS))) == ["psg_v1_0", "psg_v1_1"]
    assert sorted(await found(store, scope(BOBS))) == ["psg_v2_0", "psg_v2_1"]


async def test_only_collections_in_scope_are_searched(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    for version, collection in (("v1", "vs_plans"), ("v2", "vs_diaries"), ("v3", "vs_songs")):
        await store.put(ADAS, batch_of(stamp, version, [EAST], collection))
        await store.reveal(ADAS, version, 1)

    seen = await found(store, scope(vs_plans=NOW, vs_songs=NOW))

    assert sorted(seen) == ["psg_v1_0", "psg_v3_0"]


async def test_a_scope_of_nothing_finds_nothing(store: VectorStore, stamp: EmbeddingStamp) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST]))
    await store.reveal(ADAS, "v1", 1)

    assert await found(store, Scope(ADAS, ())) == []


async def test_a_published_epoch_sees_the_old_version_and_now_the_new(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "old", [EAST]))
    await store.reveal(ADAS, "old", 1)
    await store.put(ADAS, batch_of(stamp, "new", [EAST]))
    await store.reveal(ADAS, "new", 2)
    await store.supersede(ADAS, "old", 2)

    assert await found(store, scope(vs_plans=0)) == []
    assert await found(store, scope(vs_plans=1)) == ["psg_old_0"]
    assert await found(store, scope(vs_plans=2)) == ["psg_new_0"]
    assert await found(store, scope(vs_plans=NOW)) == ["psg_new_0"]


async def test_each_collection_of_a_scope_has_its_own_epoch(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    for version, collection, epoch in (("a", "vs_plans", 5), ("b", "vs_songs", 5)):
        await store.put(ADAS, batch_of(stamp, version, [EAST], collection))
        await store.reveal(ADAS, version, epoch)

    assert await found(store, scope(vs_plans=4, vs_songs=5)) == ["psg_b_0"]


async def test_a_repeated_batch_is_the_same_points(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    batch = batch_of(stamp, "v1", [EAST, NORTH])

    await store.put(ADAS, batch)
    await store.put(ADAS, batch)

    assert await store.count(ADAS, "v1") == 2


async def test_batches_of_a_version_add_up(store: VectorStore, stamp: EmbeddingStamp) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST] * 3))
    await store.put(ADAS, batch_of(stamp, "v1", [NORTH] * 2, first_index=3))

    assert await store.count(ADAS, "v1") == 5


async def test_a_second_try_replaces_what_is_still_unrevealed(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST]))
    await store.put(ADAS, batch_of(stamp, "v1", [NORTH]))
    await store.reveal(ADAS, "v1", 1)

    [hit] = await nearest(store, scope(), NORTH, 1)

    assert hit.score == pytest.approx(1, abs=1e-6)


async def test_a_late_repeat_of_a_batch_does_not_hide_what_is_revealed(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST]))
    await store.reveal(ADAS, "v1", 1)
    await store.supersede(ADAS, "v1", 3)

    await store.put(ADAS, batch_of(stamp, "v1", [NORTH]))

    assert await found(store, scope(vs_plans=2)) == ["psg_v1_0"]
    assert await found(store, scope(vs_plans=3)) == []


async def test_revealing_and_superseding_twice_is_once(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "old", [EAST]))
    await store.reveal(ADAS, "old", 1)
    await store.put(ADAS, batch_of(stamp, "new", [EAST]))
    for _ in range(2):
        await store.reveal(ADAS, "new", 2)
        await store.supersede(ADAS, "old", 2)

    assert await found(store, scope(vs_plans=1)) == ["psg_old_0"]
    assert await found(store, scope()) == ["psg_new_0"]


async def test_a_deleted_version_is_gone_for_every_epoch(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST, NORTH]))
    await store.reveal(ADAS, "v1", 1)
    await store.put(ADAS, batch_of(stamp, "v2", [EAST]))
    await store.reveal(ADAS, "v2", 2)

    for _ in range(2):
        await store.delete(ADAS, "v1")

    assert await store.count(ADAS, "v1") == 0
    assert await found(store, scope(vs_plans=1)) == []
    assert await found(store, scope()) == ["psg_v2_0"]


async def test_changes_to_an_unknown_version_are_nothing(store: VectorStore) -> None:
    await store.reveal(ADAS, "v_nowhere", 1)
    await store.supersede(ADAS, "v_nowhere", 2)
    await store.delete(ADAS, "v_nowhere")

    assert await store.count(ADAS, "v_nowhere") == 0


async def test_another_tenants_version_cannot_be_overwritten(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "v1", [EAST]))

    with pytest.raises(VersionNotFound):
        await store.put(BOBS, batch_of(stamp, "v1", [NORTH, NORTH]))

    await store.reveal(ADAS, "v1", 1)
    [hit] = await nearest(store, scope(ADAS), EAST, 10)
    assert hit.score == pytest.approx(1, abs=1e-6)
    assert await store.count(BOBS, "v1") == 0


async def test_another_tenants_version_cannot_be_changed_or_removed(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    await store.put(ADAS, batch_of(stamp, "seen", [EAST]))
    await store.reveal(ADAS, "seen", 1)
    await store.put(ADAS, batch_of(stamp, "unseen", [EAST]))

    await store.reveal(BOBS, "unseen", 1)
    await store.supersede(BOBS, "seen", 1)
    await store.delete(BOBS, "seen")

    assert await found(store, scope(ADAS)) == ["psg_seen_0"]


async def test_a_search_may_be_narrowed_to_some_versions(
    store: VectorStore, stamp: EmbeddingStamp
) -> None:
    for version in ("v1", "v2", "v3"):
        await store.put(ADAS, batch_of(stamp, version, [EAST]))
        await store.reveal(ADAS, version, 1)

    assert await found(store, replace(scope(), only_versions=("v2",))) == ["psg_v2_0"]
    assert await found(store, replace(scope(), only_versions=())) == []


async def test_narrowing_widens_nothing(store: VectorStore, stamp: EmbeddingStamp) -> None:
    await store.put(BOBS, batch_of(stamp, "bobs", [EAST]))
    await store.reveal(BOBS, "bobs", 1)
    await store.put(ADAS, batch_of(stamp, "elsewhere", [EAST], "vs_others"))
    await store.reveal(ADAS, "elsewhere", 1)
    await store.put(ADAS, batch_of(stamp, "unseen", [EAST]))
    wanted = ("bobs", "elsewhere", "unseen")

    assert await found(store, replace(scope(), only_versions=wanted)) == []


async def test_a_wrong_key_opens_nothing(stamp: EmbeddingStamp) -> None:
    with qdrant_twin("the right one") as address, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with pytest.raises(IndexUnavailable):
            async with open_server(address, "a wrong one", 10, stamp):
                pass
