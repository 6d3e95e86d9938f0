"""Does search find the right documents? Through the real path, from a file to a hit over HTTP.

`python bench/quality.py --data DIR [--data DIR …] [--questions DIR] [--json]`

DIR holds corpus.jsonl.gz, queries.jsonl.gz and qrels.tsv, as shared/data/rag-eval does. Each text
becomes a file, is parsed, split, embedded and indexed as the worker does it, in a retrieval process
of its own with a temporary STOA_HOME; nothing is left. Several --data are one collection;
--questions then says whose questions are asked. It also asks one language's questions of the
other's corpus: ids are compared without an `en-` or `zh-` before them.

Prints one JSON object: ndcg@10, recall@5 and pass@20 of documents, each with a bootstrap 95 %
interval, the same for either half of the search alone, and p50_ms of a search over HTTP with its
question's embedding.
"""

import argparse
import asyncio
import gzip
import json
import math
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import numpy as np

from contracts.clients.retrieval import IndexClient, RetrievalClient
from contracts.passages import PassageBatch, Reveal, SearchHit, SearchRequest
from contracts.principal import CollectionGrant, Principal
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from embedding.port import Embedder
from ingest.indexed import Indexed, stamp_of, vectors_of
from ingest.parsing.formats import parse
from ingest.passages import TokenRule, split
from runtime.service_auth import ServiceTokens

MODEL = Path(__file__).parents[1] / "var/models/multilingual-e5-small/sentence-transformers"
COLLECTION, WORKSPACE = "vs_bench", "ws_bench"
READER = Principal(workspace_id=WORKSPACE, collections=(CollectionGrant(collection_id=COLLECTION),))
WRITER = Principal(workspace_id=WORKSPACE, write=True)
START_SECONDS = 120
HITS = 100
RESAMPLES = 1_000
LANGUAGE = re.compile(r"^(?:en|zh)-")
Ranking = list[str]
"""Document ids, best first, each once."""


@dataclass(frozen=True)
class Question:
    """What is asked. relevant: document id -> how relevant."""

    text: str
    relevant: dict[str, float]


@dataclass
class Corpus:
    """Texts of a data folder, and which of them answer what."""

    documents: list[dict[str, str]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def corpus_of(folders: Sequence[Path], asking: Path) -> Corpus:
    """All texts of the folders, and the questions of one."""
    relevant: dict[str, dict[str, float]] = {}
    for line in (asking / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        if float(score) > 0:
            relevant.setdefault(question, {})[bare(document)] = float(score)
    return Corpus(
        documents=[each for folder in folders for each in _lines(folder / "corpus.jsonl.gz")],
        questions=[
            Question(each["text"], relevant[each["_id"]])
            for each in _lines(asking / "queries.jsonl.gz")
            if each["_id"] in relevant
        ],
    )


def bare(document_id: str) -> str:
    """The id of a text in whatever language."""
    return LANGUAGE.sub("", document_id)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def retrieval(home: Path, model: Path) -> Iterator[tuple[str, ServiceTokens]]:
    """The address of a retrieval process of our own, and who signs for it."""
    secret = secrets.token_urlsafe(32)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "STOA_HOME": str(home),
        "STOA_SERVICE_SECRET": secret,
        "RETRIEVAL_PORT": str(port),
        "RETRIEVAL_INDEX_PATH": str(home / "index"),
        "RETRIEVAL_EMBEDDING_PATH": str(model),
    }
    with (home / "retrieval.log").open("wb") as log:
        process = subprocess.Popen(  # our own module, nothing from outside
            [sys.executable, "-m", "retrieval"], env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address, process, home / "retrieval.log")
        yield address, ServiceTokens(secret.encode(), "bench")
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(log.read_text("utf-8", "replace")[-2_000:])
        try:
            if httpx2.get(f"{address}/health/ready", timeout=10).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.2)  # a poll with a deadline
    raise SystemExit("retrieval did not become ready")


def passages_of(document: dict[str, str], rule: TokenRule, folder: Path) -> list[Indexed]:
    """A text as the worker would split it, by way of a file."""
    source = folder / "document"
    source.write_text(document["text"], "utf-8")
    title = re.sub(r"[/\x00-\x1f]", " ", document.get("title", "")).strip()[:200]
    parsed = parse(source, f"{title or 'untitled'}.txt")
    if not title:
        # A made-up name would stand in every header, and be searched.
        parsed = parsed.model_copy(update={"title": ""})
    return [
        Indexed(
            f"{document['_id']}:{span.index}",
            span.index,
            span.header,
            parsed.text[span.start : span.end],
        )
        for span in split(parsed, rule)
    ]


def fill(index: IndexClient, embedder: Embedder, corpus: Corpus, folder: Path) -> int:
    """Index every text; how many passages came of them."""
    rule = TokenRule(embedder.count_tokens, limit=embedder.passage_limit_tokens)
    total = 0
    for number, document in enumerate(corpus.documents):
        version = f"ver_{number}"
        passages = passages_of(document, rule, folder)
        for first in range(0, len(passages), 64):
            batch = PassageBatch(
                stamp=stamp_of(embedder),
                collection_id=COLLECTION,
                document_id=bare(document["_id"]),
                document_version_id=version,
                passages=vectors_of(embedder, passages[first : first + 64]),
            )
            index.put(WRITER, batch)
        index.reveal(WRITER, Reveal(document_version_id=version, from_epoch=1))
        total += len(passages)
    return total


async def searched(
    address: str, tokens: ServiceTokens, questions: Sequence[Question]
) -> tuple[list[list[SearchHit]], list[float]]:
    """The hits of each question, and the milliseconds it took."""
    hits, times = [], []
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        client = RetrievalClient(http, partial(tokens.sign, "retrieval"))
        for question in questions:
            request = SearchRequest(query=question.text, limit=HITS)
            started = time.perf_counter()
            found = await client.search(READER, request)
            times.append((time.perf_counter() - started) * 1_000)
            hits.append(found.hits)
    return hits, times


def ranking(hits: Sequence[SearchHit], key: Callable[[SearchHit], float]) -> Ranking:
    """The documents of the hits by their best passage."""
    best = sorted((hit for hit in hits if key(hit) > 0), key=key, reverse=True)
    return list(dict.fromkeys(hit.document_id for hit in best))


def ndcg(question: Question, ranked: Ranking) -> float:
    """nDCG@10, gains as judged."""
    gains = [question.relevant.get(document, 0.0) for document in ranked[:10]]
    ideal = sorted(question.relevant.values(), reverse=True)[:10]
    return _discounted(gains) / _discounted(ideal)


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


def recall(question: Question, ranked: Ranking, k: int) -> float:
    """The share of the relevant documents among the first k."""
    return len(question.relevant.keys() & set(ranked[:k])) / len(question.relevant)


def interval(values: Sequence[float]) -> list[float]:
    """The mean with its bootstrap 95 % interval: [mean, low, high]."""
    dice = np.random.default_rng(20_261_122)
    drawn = dice.choice(np.asarray(values), size=(RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(float(value), 4) for value in (statistics.mean(values), low, high)]


def figures(questions: Sequence[Question], ranked: Sequence[Ranking]) -> dict[str, list[float]]:
    """Each measure as [mean, low, high]."""
    pairs = list(zip(questions, ranked, strict=True))
    return {
        "ndcg@10": interval([ndcg(*pair) for pair in pairs]),
        "recall@5": interval([recall(*pair, 5) for pair in pairs]),
        "pass@20": interval([recall(*pair, 20) for pair in pairs]),
    }


def measure(folders: Sequence[Path], asking: Path, model: Path, threads: int) -> dict[str, Any]:
    """One object with everything measured."""
    corpus = corpus_of(folders, asking)
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        home = Path(folder)
        with retrieval(home, model) as (address, tokens):
            started = time.monotonic()
            with httpx2.Client(base_url=address, timeout=60) as http:
                index = IndexClient(http, partial(tokens.sign, "retrieval"))
                embedder = SentenceTransformersEmbedder(model, threads=threads)
                passages = fill(index, embedder, corpus, home)
            filled = time.monotonic() - started
            hits, times = asyncio.run(searched(address, tokens, corpus.questions))
    together = figures(corpus.questions, [ranking(found, lambda hit: hit.score) for found in hits])
    return {
        "set": "+".join(folder.name for folder in folders),
        "questions": len(corpus.questions),
        "documents": len(corpus.documents),
        "passages": passages,
        **{name: value[0] for name, value in together.items()},
        "intervals": {name: value[1:] for name, value in together.items()},
        "meaning_alone": figures(
            corpus.questions, [ranking(found, lambda hit: hit.similarity) for found in hits]
        )["ndcg@10"],
        "words_alone": figures(
            corpus.questions, [ranking(found, lambda hit: hit.words) for found in hits]
        )["ndcg@10"],
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "fill_seconds": round(filled, 1),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure once and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Told to end, it ends what it started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = measure(
        options.data, options.questions or options.data[0], options.model, options.threads
    )
    print(json.dumps(found, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
