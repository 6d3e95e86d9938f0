"""Folders of the embedded index: an older one is brought up to date, a former one goes."""

import os
import shutil
from pathlib import Path

from contracts.passages import EmbeddingStamp
from lexical.weights import question_weights
from retrieval.adapters.edge_folder import FORMER_SECONDS, folder_of, remove_former
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from tests.support.first_format import first_format
from tests.support.retrieval import EMBEDDER, STAMP, batch_of_texts, nearest, read

ADAS = "ws_ada"
OTHER = EmbeddingStamp(model_id="former", dimension=4, revision="0123456789abcdef")
OLD, NEW = "the harbour opens at six", "the harbour opens at seven"


def older_index(index: Path) -> Path:
    """A document with two versions, one not yet revealed, and a document of Bob's."""
    return first_format(
        index,
        STAMP,
        [
            (ADAS, batch_of_texts("v1", OLD), {"from_epoch": 1, "until_epoch": 2}),
            (ADAS, batch_of_texts("v2", NEW), {"from_epoch": 2}),
            (ADAS, batch_of_texts("v3", "unseen"), {}),
            ("ws_bob", batch_of_texts("v4", OLD), {"from_epoch": 1}),
        ],
    )


async def seen(store: VectorStore, epoch: int, tenant: str = ADAS) -> dict[str, list[float]]:
    """What both searches find, and how well."""
    scope = Scope(tenant, (CollectionView("vs_plans", epoch),))
    meaning = await nearest(store, scope, EMBEDDER.embed_question("harbour"), 10)
    words = question_weights("harbour seven six")
    shared = await read(store, tenant, await store.sharing_words(scope, words, ["latin"], 10))
    scores: dict[str, list[float]] = {}
    for hit in (*meaning, *shared):
        scores.setdefault(hit.passage.passage_id, []).append(round(hit.score, 5))
    return scores


async def made_today(index: Path) -> None:
    async with open_edge(index, STAMP) as store:
        for tenant, version, text in (
            (ADAS, "v1", OLD),
            (ADAS, "v2", NEW),
            (ADAS, "v3", "unseen"),
            ("ws_bob", "v4", OLD),
        ):
            await store.put(tenant, batch_of_texts(version, text))
        await store.reveal(ADAS, "v1", 1)
        await store.reveal(ADAS, "v2", 2)
        await store.supersede(ADAS, "v1", 2)
        await store.reveal("ws_bob", "v4", 1)


async def test_an_index_of_the_first_format_answers_as_one_made_today(tmp_path: Path) -> None:
    older = older_index(tmp_path / "older")
    await made_today(tmp_path / "today")

    async with open_edge(older.parent, STAMP) as old, open_edge(tmp_path / "today", STAMP) as new:
        for tenant, epoch in ((ADAS, 1), (ADAS, 2), (ADAS, NOW), ("ws_bob", NOW)):
            found = await seen(old, epoch, tenant)
            assert found
            assert found == await seen(new, epoch, tenant)
        await old.reveal(ADAS, "v3", 3)
        assert set(await seen(old, NOW)) == {"psg_v2_0", "psg_v3_0"}
    assert not older.exists()


async def test_an_older_index_that_a_backup_brought_back_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    async with open_edge(tmp_path, STAMP):
        pass  # an empty one of today
    older_index(tmp_path)

    async with open_edge(tmp_path, STAMP) as store:
        assert set(await seen(store, NOW)) == {"psg_v2_0"}


async def test_an_older_index_left_beside_its_copy_goes(tmp_path: Path) -> None:
    older = older_index(tmp_path)
    shutil.copytree(older, tmp_path / "aside")
    async with open_edge(tmp_path, STAMP) as store:
        await store.delete(ADAS, "v2")
    (tmp_path / "aside").rename(older)  # as if the process had died before it was removed

    async with open_edge(tmp_path, STAMP) as store:
        assert await store.count(ADAS, "v2") == 0
    assert not older.exists()


async def test_bringing_up_to_date_begins_anew_after_a_kill(tmp_path: Path) -> None:
    older_index(tmp_path)
    half = tmp_path / f"{folder_of(tmp_path, STAMP).name}.making" / "segments"
    half.mkdir(parents=True)
    (half / "half").write_text("a process died here")

    async with open_edge(tmp_path, STAMP) as store:
        assert set(await seen(store, NOW)) == {"psg_v2_0"}


async def aged(index: Path, seconds: float) -> Path:
    """An index of another model that nobody has written to for so long."""
    async with open_edge(index, OTHER):
        pass
    folder = folder_of(index, OTHER)
    for path in folder.rglob("*"):
        written = path.stat().st_mtime - seconds
        os.utime(path, (written, written))
    return folder


async def test_the_index_of_a_former_model_goes_when_it_is_long_out_of_use(tmp_path: Path) -> None:
    former = await aged(tmp_path, FORMER_SECONDS + 60)

    async with open_edge(tmp_path, STAMP):
        assert not former.exists()
        assert folder_of(tmp_path, STAMP).exists()


async def test_until_then_it_stays_for_whoever_goes_back(tmp_path: Path) -> None:
    former = await aged(tmp_path, FORMER_SECONDS - 3600)

    async with open_edge(tmp_path, STAMP):
        assert former.exists()


def test_nothing_else_is_ever_removed(tmp_path: Path) -> None:
    for name in ("passages-notes", "copy", "arriving"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("not an index")
        os.utime(tmp_path / name / "file", (0, 0))

    remove_former(tmp_path, folder_of(tmp_path, STAMP))

    assert len(list(tmp_path.glob("*/file"))) == 3
