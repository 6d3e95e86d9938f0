"""What only the embedded index promises: folders, locks and survival of a killed process."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.passages import EmbeddingStamp
from retrieval.adapters.edge_folder import folder_of
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, IndexInUse, IndexUnavailable, Scope, index_name
from tests.support.retrieval import batch_of, nearest
from tests.unit.retrieval.edge_writer import BATCH, STAMP

ROOT = Path(__file__).parents[3]
EAST = [1.0, 0.0, 0.0, 0.0]
ADAS_PLANS = Scope("ws_ada", (CollectionView("vs_plans", NOW),))
WRITES_BEFORE_THE_KILL = 40


def acknowledged_before_a_kill(folder: Path) -> int:
    writer = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/unit/retrieval/edge_writer.py"), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert writer.stdout is not None
    with writer.stdout:
        for line in writer.stdout:
            if int(line) == WRITES_BEFORE_THE_KILL:
                writer.kill()
                break
        # What it still said between the last line read and its death counts as well.
        last = [int(line) for line in writer.stdout.read().splitlines() if line][-1:]
    writer.wait()
    return (last or [WRITES_BEFORE_THE_KILL])[0]


async def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    last = await asyncio.to_thread(acknowledged_before_a_kill, tmp_path)

    async with open_edge(tmp_path, STAMP) as store:
        counts = [await store.count("ws_ada", f"v{number}") for number in range(last + 1)]
        seen = await nearest(store, ADAS_PLANS, EAST, 100_000)
    revealed = {f"v{number}" for number in range(0, last + 1, 3)}
    assert counts == [BATCH] * (last + 1)
    assert revealed <= {hit.passage.document_version_id for hit in seen}


async def test_a_closed_index_opens_with_all_it_held(tmp_path: Path) -> None:
    async with open_edge(tmp_path, STAMP) as store:
        await store.put("ws_ada", batch_of(STAMP, "v1", [EAST]))
        await store.reveal("ws_ada", "v1", 1)

    async with open_edge(tmp_path, STAMP) as store:
        [hit] = await nearest(store, ADAS_PLANS, EAST, 10)

    assert hit.passage.passage_id == "psg_v1_0"


async def test_two_stamps_never_share_vectors(tmp_path: Path) -> None:
    other = STAMP.model_copy(update={"revision": "fedcba9876543210"})
    async with open_edge(tmp_path, STAMP) as first, open_edge(tmp_path, other) as second:
        await first.put("ws_ada", batch_of(STAMP, "v1", [EAST]))

        assert await second.count("ws_ada", "v1") == 0


async def test_a_second_process_is_told_that_the_index_is_in_use(tmp_path: Path) -> None:
    async with open_edge(tmp_path, STAMP):
        with pytest.raises(IndexInUse):
            async with open_edge(tmp_path, STAMP):
                pass


async def test_an_index_half_made_is_made_again(tmp_path: Path) -> None:
    making = tmp_path / f"{folder_of(tmp_path, STAMP).name}.making" / "segments"
    making.mkdir(parents=True)
    (making / "half").write_text("a process died here")

    async with open_edge(tmp_path, STAMP) as store:
        await store.put("ws_ada", batch_of(STAMP, "v1", [EAST]))

        assert await store.count("ws_ada", "v1") == 1


async def test_a_folder_that_is_no_index_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path, STAMP).mkdir()
    (folder_of(tmp_path, STAMP) / "edge_config.json").write_text("not a configuration")

    with pytest.raises(IndexUnavailable):
        async with open_edge(tmp_path, STAMP):
            pass


async def test_a_failure_of_the_engine_is_a_fact_without_its_details(tmp_path: Path) -> None:
    async with open_edge(tmp_path, STAMP) as store:
        with pytest.raises(IndexUnavailable) as refused:
            await store.put("ws_ada", batch_of(STAMP, "v1", [[1.0]]))

        assert "dim" not in refused.value.message
        assert await store.count("ws_ada", "v1") == 0


async def test_writes_and_searches_at_once_do_not_disturb_one_another(tmp_path: Path) -> None:
    async with open_edge(tmp_path, STAMP) as store:
        await store.put("ws_ada", batch_of(STAMP, "v0", [EAST]))
        await store.reveal("ws_ada", "v0", 1)

        async with asyncio.TaskGroup() as tasks:
            for number in range(1, 20):
                batch = batch_of(STAMP, f"v{number}", [EAST] * 20)
                tasks.create_task(store.put("ws_ada", batch))
            found = [tasks.create_task(nearest(store, ADAS_PLANS, EAST, 100)) for _ in range(50)]

        assert all(
            [hit.passage.passage_id for hit in task.result()] == ["psg_v0_0"] for task in found
        )
        counts = [await store.count("ws_ada", f"v{number}") for number in range(1, 20)]
        assert counts == [20] * 19


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("multilingual-e5-small", "passages-multilingual-e5-small-0123456789abcdef"),
        ("intfloat/Multilingual_E5", "passages-intfloat-multilingual-e5-0123456789abcdef"),
        ("../../etc/passwd", "passages-etc-passwd-0123456789abcdef"),
    ],
)
def test_an_index_is_named_after_its_stamp(model: str, name: str) -> None:
    stamp = EmbeddingStamp(model_id=model, dimension=4, revision="0123456789abcdef")

    assert index_name(stamp) == name
