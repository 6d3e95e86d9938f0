"""Whatever happens to versions in whatever order, each epoch sees what it should."""

import itertools
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.passages import FOREVER, EmbeddingStamp
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore, VersionNotFound
from tests.support.retrieval import batch_of, nearest

STAMP = EmbeddingStamp(model_id="tiny/compass", dimension=4, revision="0123456789abcdef")
EAST = [1.0, 0.0, 0.0, 0.0]
TENANTS = ["ws_ada", "ws_bob"]
COLLECTIONS = ["vs_plans", "vs_songs"]
EPOCHS = [0, 1, 2, 3, 4, NOW]
stories = itertools.count()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[VectorStore]:
    async with open_edge(tmp_path, STAMP) as store:
        yield store


@dataclass(frozen=True)
class Step:
    """Something a worker, perhaps a late one, does to a version."""

    verb: Literal["put", "reveal", "supersede", "delete", "look"]
    tenant: str
    version: str
    collection: str
    epoch: int


@dataclass(frozen=True)
class Life:
    """From when to when a version is seen."""

    tenant: str
    collection: str
    from_epoch: int = FOREVER
    until_epoch: int = FOREVER


@dataclass
class Expectation:
    """The rules of visibility, told as plainly as possible."""

    lives: dict[str, Life] = field(default_factory=dict)

    def after(self, step: Step) -> None:
        life = self.lives.get(step.version)
        if step.verb == "put":
            if life is None or (life.tenant == step.tenant and life.from_epoch == FOREVER):
                self.lives[step.version] = Life(step.tenant, step.collection)
        elif life is not None and life.tenant == step.tenant:
            if step.verb == "delete":
                del self.lives[step.version]
            elif step.verb == "reveal":
                self.lives[step.version] = replace(life, from_epoch=step.epoch)
            elif step.verb == "supersede":
                self.lives[step.version] = replace(life, until_epoch=step.epoch)

    def seen(self, tenant: str, collection: str, epoch: int) -> set[str]:
        return {
            version
            for version, life in self.lives.items()
            if (life.tenant, life.collection) == (tenant, collection)
            and life.from_epoch <= epoch < life.until_epoch
        }


steps = st.lists(
    st.builds(
        Step,
        verb=st.sampled_from(["put", "put", "reveal", "reveal", "supersede", "delete", "look"]),
        tenant=st.sampled_from(TENANTS),
        version=st.sampled_from(["v1", "v2", "v3"]),
        collection=st.sampled_from(COLLECTIONS),
        epoch=st.integers(1, 4),
    ),
    max_size=20,
)


async def take(store: VectorStore, step: Step) -> None:
    if step.verb == "put":
        # Raised when it is another tenant's: the expectation says that nothing happened.
        with suppress(VersionNotFound):
            await store.put(step.tenant, batch_of(STAMP, step.version, [EAST], step.collection))
    elif step.verb == "reveal":
        await store.reveal(step.tenant, step.version, step.epoch)
    elif step.verb == "supersede":
        await store.supersede(step.tenant, step.version, step.epoch)
    elif step.verb == "look":
        # From now on the index remembers the collection: it is counted before the next write.
        await seen(store, step.tenant, step.collection, step.epoch)
        await store.delete(step.tenant, "v_nowhere")
    else:
        await store.delete(step.tenant, step.version)


def told_apart(step: Step, mark: str) -> Step:
    return replace(step, tenant=step.tenant + mark, version=step.version + mark)


async def seen(store: VectorStore, tenant: str, collection: str, epoch: int) -> set[str]:
    scope = Scope(tenant, (CollectionView(collection, epoch),))
    return {hit.passage.document_version_id for hit in await nearest(store, scope, EAST, 100)}


@settings(
    max_examples=100,
    deadline=None,
    # One index for all stories: each has tenants, and so versions, of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
async def test_every_epoch_sees_exactly_the_versions_alive_at_it(
    store: VectorStore, story: list[Step]
) -> None:
    mark, expected = f"-{next(stories)}", Expectation()

    for step in (told_apart(step, mark) for step in story):
        await take(store, step)
        expected.after(step)

    for tenant, collection, epoch in itertools.product(TENANTS, COLLECTIONS, EPOCHS):
        found = await seen(store, tenant + mark, collection, epoch)
        assert found == expected.seen(tenant + mark, collection, epoch)
