"""Hybrid search in the embedded index at 100,000 passages, through the service that answers.

`python bench/search.py [--json] [--passages 100000] [--searches 300] [--model FOLDER | --no-http]`:
one tenant holds 2,000 passages, another all the rest; vectors are clustered, and words as frequent,
as real ones are. First a question's vector is given: what is timed is the two searches, their
fusion and the reading of the hits, of what is current and of a published epoch. Then a retrieval
process of its own answers over HTTP, with the real model making the vector. Three minutes.
"""

import argparse
import asyncio
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from contracts.clients.retrieval import SERVICE, RetrievalClient
from contracts.passages import (
    EmbeddingStamp,
    PassageBatch,
    PassageVector,
    SearchHit,
    SearchRequest,
    WordWeights,
)
from contracts.principal import Principal
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from lexical.weights import question_weights, stamped
from retrieval.adapters.edge_folder import folder_of
from retrieval.adapters.vectors_qdrant_edge import open_edge
from retrieval.ports import NOW, CollectionView, Scope, VectorStore
from retrieval.search.fusion import CANDIDATES, Candidates, Question
from retrieval.search.service import best
from runtime.service_auth import ServiceTokens

DIMENSION = 384
CLUSTERS = 500
BATCH = 250
SMALL_TENANT_PASSAGES = 2_000
LIMIT = 12
VOCABULARY, PASSAGE_WORDS, QUESTION_WORDS = 60_000, 90, 8
STAMP = EmbeddingStamp(model_id="bench", dimension=DIMENSION, revision="0" * 16)
PUBLISHED = 1
MODEL = Path("var/models/multilingual-e5-small/sentence-transformers")
START_SECONDS = 120
Floats = NDArray[np.float32]


def clustered(count: int, dice: np.random.Generator, centres: Floats) -> Floats:
    """Unit vectors around random centres."""
    noise = dice.normal(scale=0.6 / DIMENSION**0.5, size=(count, DIMENSION))
    return unit(centres[dice.integers(len(centres), size=count)] + noise)


def unit(vectors: NDArray[np.float64]) -> Floats:
    """The same directions at length 1, as float32."""
    found: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def words_of(count: int, length: int, dice: np.random.Generator) -> list[str]:
    """So many texts whose words are as frequent as in real ones (Zipf)."""
    ranks = dice.zipf(1.1, size=(count, length * 3)) % VOCABULARY
    return [" ".join(map(word, np.unique(row)[:length].tolist())) for row in ranks]


def word(rank: int) -> str:
    """A word of its own for each rank, which the analyser leaves as it is."""
    consonants = "bdfgklmnprtvz"
    spelt = ""
    for _ in range(5):
        rank, place = divmod(rank, len(consonants))
        spelt += f"{consonants[place]}a"
    return spelt


def weights(texts: list[str]) -> list[WordWeights]:
    """The words by number, each with the same weight: so many of the best are equally good."""
    numbers: dict[str, int] = {}
    for text in texts:
        for each in text.split():
            if each not in numbers:
                [numbers[each]] = question_weights(each).indices
    found = [sorted({numbers[each] for each in text.split()}) for text in texts]
    return [WordWeights(indices=indices, values=[1.0] * len(indices)) for indices in found]


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
    store: VectorStore,
    tenant: str,
    questions: Floats,
    words: list[WordWeights],
    epoch: int = NOW,
) -> AsyncIterator[float]:
    """Milliseconds of each search."""
    scope = Scope(tenant, (CollectionView("vs_all", epoch),))
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
    words = {t: weights(words_of(len(v), PASSAGE_WORDS, dice)) for t, v in tenants.items()}
    questions = clustered(searches, dice, centres)
    asked = weights(words_of(searches, QUESTION_WORDS, dice))
    started = time.perf_counter()
    async with open_edge(folder, STAMP) as store:
        for tenant, vectors in tenants.items():
            await fill(store, tenant, vectors, words[tenant])
    result: dict[str, Any] = {"fill_seconds": time.perf_counter() - started}
    loading = time.perf_counter()
    async with open_edge(folder, STAMP) as store:
        result["load_seconds"] = time.perf_counter() - loading
        for tenant, vectors in tenants.items():
            figures = await figures_of(store, tenant, questions, asked)
            exactness = await recall(store, tenant, vectors, questions[:20])
            result[tenant] = {"passages": len(vectors)} | figures | {"recall": exactness}
    return result


async def figures_of(
    store: VectorStore, tenant: str, questions: Floats, asked: list[WordWeights]
) -> dict[str, Any]:
    """How long a tenant's searches take, once its collection has been counted."""
    first, *_ = [took async for took in timed(store, tenant, questions[:20], asked)]
    counting = time.perf_counter()
    await store.delete(tenant, "nowhere")  # a write waits until the counting is over
    counted = time.perf_counter() - counting
    times = [took async for took in timed(store, tenant, questions, asked)]
    published = [took async for took in timed(store, tenant, questions, asked, PUBLISHED)]
    return {"first_ms": first, "counting_seconds": counted} | {
        "searches": len(times),
        "p50_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[-1],
        "published_p50_ms": statistics.median(published),
    }


@contextmanager
def served(index: Path, model: Path, secret: str) -> Iterator[tuple[str, int]]:
    """The address and the process of a retrieval on this index, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    told = {
        "RETRIEVAL_INDEX_PATH": str(index),
        "RETRIEVAL_PORT": str(port),
        "RETRIEVAL_EMBEDDING_PATH": str(model),
        "STOA_SERVICE_SECRET": secret,
        "PYTHONPATH": ":".join(entry for entry in sys.path if entry),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "retrieval"], env=told, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(address, process)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers that it is ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx2.get(f"{address}/health/ready", timeout=10).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("bench/search.py: retrieval did not start.")


async def over_http(index: Path, model: Path, searches: int) -> dict[str, Any]:
    """Each tenant's searches through a retrieval of its own, embedding included."""
    stamp = stamped(SentenceTransformersEmbedder(model, threads=1).stamp)
    folder_of(index, STAMP).rename(folder_of(index, stamp))
    texts = words_of(2 * searches, QUESTION_WORDS, np.random.default_rng(7))
    secret = secrets.token_hex(32)
    sign = partial(ServiceTokens(secret.encode(), "gateway").sign, SERVICE)
    result: dict[str, Any] = {}
    with served(index, model, secret) as (address, process):
        async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
            client = RetrievalClient(http, sign)
            for tenant, asked in (("small", texts[:searches]), ("large", texts[searches:])):
                times = [took async for took in timed_over_http(client, tenant, asked[:20])]
                writer = {"authorization": f"Bearer {sign(writer_of(tenant))}"}
                counted = await http.delete("/v1/versions/nowhere", headers=writer)
                counted.raise_for_status()
                times = [took async for took in timed_over_http(client, tenant, asked[20:])]
                result[tenant] = {
                    "searches": len(times),
                    "p50_ms": statistics.median(times),
                    "p95_ms": statistics.quantiles(times, n=20)[-1],
                }
        result["resident_bytes"] = resident_bytes(process)
    return result


async def timed_over_http(
    client: RetrievalClient, tenant: str, texts: list[str]
) -> AsyncIterator[float]:
    """Milliseconds of each search; no question is asked twice, so each is embedded."""
    for text in texts:
        request = SearchRequest(query=text, limit=LIMIT)
        started = time.perf_counter()
        found = await client.search(reader_of(tenant), request)
        yield (time.perf_counter() - started) * 1000
        assert len(found.hits) == LIMIT


def reader_of(tenant: str) -> Principal:
    """Whoever may read the tenant's collection."""
    collections = [{"collection_id": "vs_all"}]
    return Principal.model_validate({"workspace_id": tenant, "collections": collections})


def writer_of(tenant: str) -> Principal:
    """Whoever may change what the tenant has."""
    return Principal(workspace_id=tenant, write=True)


def resident_bytes(process: int) -> int:
    """The memory of a process, the model and the pages of its files included."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def disk_bytes(folder: Path) -> int:
    """What the files take; the write-ahead log's are sparse."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Run once in a temporary folder and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=300)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--no-http", action="store_true")
    options = parser.parse_args()
    machine = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        result = asyncio.run(measure(Path(folder), options.passages, options.searches))
        result["disk_bytes"] = disk_bytes(Path(folder))
        if not options.no_http:
            model = options.model.resolve()
            result["http"] = asyncio.run(over_http(Path(folder), model, options.searches))
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
        if "http" in result:
            http = result["http"][tenant]
            print(f"{'over HTTP, with embedding':>32}: p50 {http['p50_ms']:.2f} ms")


if __name__ == "__main__":
    main()
