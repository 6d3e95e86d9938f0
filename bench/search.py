"""Hybrid search in the embedded index at 100,000 passages, through the service that answers.

`python bench/search.py [--json] [--passages 100000] [--searches 300]`: one tenant holds 2,000
passages, another all the rest; vectors are clustered, and words as frequent, as real ones are. A
question's vector is given: what is timed is the two searches and their fusion. Two minutes.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.passages import (
    EmbeddingStamp,
    PassageBatch,
    PassageVector,
    SearchHit,
    WordWeights,
)
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from retrieval.search.fusion import CANDIDATES, Candidates, Question
from retrieval.search.service import best

DIMENSION = 384
CLUSTERS = 500
BATCH = 250
SMALL_TENANT_PASSAGES = 2_000
LIMIT = 12
VOCABULARY, PASSAGE_WORDS, QUESTION_WORDS = 60_000, 90, 8
STAMP = EmbeddingStamp(model_id="bench", dimension=DIMENSION, revision="0" * 16)
Floats = NDArray[np.float32]


def clustered(count: int, dice: np.random.Generator, centres: Floats) -> Floats:
    """Unit vectors around random centres."""
    noise = dice.normal(scale=0.6 / DIMENSION**0.5, size=(count, DIMENSION))
    return unit(centres[dice.integers(len(centres), size=count)] + noise)


def unit(vectors: NDArray[np.float64]) -> Floats:
    """The same directions at length 1, as float32."""
    found: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def words_of(count: int, length: int, dice: np.random.Generator) -> list[WordWeights]:
    """Weights of so many texts whose words are as frequent as in real ones (Zipf)."""
    ranks = dice.zipf(1.1, size=(count, length * 3)) % VOCABULARY
    texts = [np.unique(row)[:length].tolist() for row in ranks]
    return [WordWeights(indices=text, values=[1.0] * len(text)) for text in texts]


async def fill(store: VectorStore, tenant: str, vectors: Floats, words: list[WordWeights]) -> None:
    """One version a batch, each revealed."""
    for start in range(0, len(vectors), BATCH):
        version = f"{tenant}-{start}"
        passages = [
            PassageVector(
                passage_id=f"psg_{tenant}_{start + i}",
                index=i,
                vector=vector,
                words=words[start + i],
                scripts=["latin"],
            )
            for i, vector in enumerate(vectors[start : start + BATCH].tolist())
        ]
        batch = PassageBatch(
            stamp=STAMP,
            collection_id="vs_all",
            document_id=version,
            document_version_id=version,
            passages=passages,
        )
        await store.put(tenant, batch)
        await store.reveal(tenant, version, 1)


async def searched(
    store: VectorStore, scope: Scope, vector: list[float], words: WordWeights
) -> list[SearchHit]:
    """What retrieval does once it has the question's vector."""
    by_words = await store.sharing_words(scope, words, ("latin",), CANDIDATES)
    by_meaning = await store.nearest(scope, vector, CANDIDATES)
    candidates = Candidates(by_meaning, by_words)
    return await best(store, scope.tenant, Question(("latin",)), candidates, LIMIT)


async def timed(
    store: VectorStore, tenant: str, questions: Floats, words: list[WordWeights]
) -> AsyncIterator[float]:
    """Milliseconds of each search."""
    scope = Scope(tenant, (CollectionView("vs_all", NOW),))
    for vector, asked in zip(questions.tolist(), words, strict=False):
        started = time.perf_counter()
        hits = await searched(store, scope, vector, asked)
        yield (time.perf_counter() - started) * 1000
        assert len(hits) == LIMIT
        assert all(hit.document_id.startswith(tenant) for hit in hits)


async def recall(store: VectorStore, tenant: str, vectors: Floats, questions: Floats) -> float:
    """The share of the truly nearest, by plain arithmetic, that a search finds."""
    scope = Scope(tenant, (CollectionView("vs_all", NOW),))
    shares = []
    for question in questions:
        nearest = np.argsort(-(vectors @ question))[:LIMIT]
        matches = await store.nearest(scope, question.tolist(), LIMIT)
        found = await store.passages(tenant, [match.point for match in matches])
        truth = {f"psg_{tenant}_{position}" for position in nearest}
        shares.append(len(truth & {one.passage_id for one in found.values()}) / LIMIT)
    return statistics.mean(shares)


async def measure(folder: Path, passages: int, searches: int) -> dict[str, Any]:
    """Fill, close, load again, search."""
    dice = np.random.default_rng(20_261_122)
    centres = unit(dice.normal(size=(CLUSTERS, DIMENSION)))
    tenants = {
        "small": clustered(SMALL_TENANT_PASSAGES, dice, centres),
        "large": clustered(passages - SMALL_TENANT_PASSAGES, dice, centres),
    }
    words = {tenant: words_of(len(found), PASSAGE_WORDS, dice) for tenant, found in tenants.items()}
    questions = clustered(searches, dice, centres)
    asked = words_of(searches, QUESTION_WORDS, dice)
    started = time.perf_counter()
    async with open_edge(folder, STAMP) as store:
        for tenant, vectors in tenants.items():
            await fill(store, tenant, vectors, words[tenant])
        filled = time.perf_counter()
    result: dict[str, Any] = {"fill_seconds": filled - started}
    loading = time.perf_counter()
    async with open_edge(folder, STAMP) as store:
        result["load_seconds"] = time.perf_counter() - loading
        for tenant, vectors in tenants.items():
            warm = [_ async for _ in timed(store, tenant, questions[:20], asked)]
            times = [took async for took in timed(store, tenant, questions, asked)]
            result[tenant] = {
                "passages": len(vectors),
                "searches": len(times),
                "p50_ms": statistics.median(times),
                "p95_ms": statistics.quantiles(times, n=20)[-1],
                "first_ms": warm[0],
                "recall": await recall(store, tenant, vectors, questions[:20]),
            }
    return result


def disk_bytes(folder: Path) -> int:
    """What the files take; the write-ahead log's are sparse."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Run once in a temporary folder and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=300)
    options = parser.parse_args()
    machine = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        result = asyncio.run(measure(Path(folder), options.passages, options.searches))
        result["disk_bytes"] = disk_bytes(Path(folder))
    result = {"machine": machine | {"load_after": os.getloadavg()[0]}, **result}
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"filled in {result['fill_seconds']:.1f} s, loaded in {result['load_seconds']:.2f} s")
    for tenant in ("small", "large"):
        figures = result[tenant]
        print(
            f"{figures['passages']:>7} passages: p50 {figures['p50_ms']:.2f} ms, "
            f"p95 {figures['p95_ms']:.2f} ms, recall {figures['recall']:.3f}"
        )


if __name__ == "__main__":
    main()
