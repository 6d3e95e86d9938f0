"""How much of what answers a question is read, and how much beside it, by how a text is split.

`python bench/chunking.py --data DIR [--json]`

DIR holds long texts (*.md) and questions.jsonl.gz with the character ranges that answer each, as
shared/data/rag-eval/chunking does. Every way of splitting is searched alike (meaning and words,
joined as retrieval does). recall: the share of the answer's characters that were read; iou: answer
and what was read, their intersection over their union; characters: how much was read.
"""

import argparse
import gzip
import json
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ablation import NOWHERE, Scores, bm25, by_scores
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from gateway.answering.rules import WIDENED
from ingest.parsing.formats import parse
from ingest.passages import TokenRule, split
from lexical.analyser import words
from quality import MODEL


@dataclass(frozen=True)
class Chunk:
    """A part of a text, with the heading it is indexed under."""

    start: int
    end: int
    header: str = ""


Splitter = Callable[[Path, str], list[Chunk]]


def fixed(length: int, overlap: int) -> Splitter:
    """Cut after so many characters, at a blank."""

    def cut(_: Path, text: str) -> list[Chunk]:
        chunks, start = [], 0
        while start < len(text):
            end = min(len(text), start + length)
            blank = text.rfind(" ", start + length // 2, end) if end < len(text) else end
            end = blank if blank > start else end
            chunks.append(Chunk(start, end))
            start = end if end == len(text) else max(start + 1, end - overlap)
        return chunks

    return cut


def ours(rule: TokenRule) -> Splitter:
    """As the worker does it with plain text."""

    def cut(path: Path, text: str) -> list[Chunk]:
        parsed = parse(path, f"{path.stem}.txt")
        # The parser folds white space; the questions' ranges are of the file as it is.
        in_file = [at for at, character in enumerate(text) if not character.isspace()]
        before = [0]
        for character in parsed.text:
            before.append(before[-1] + (not character.isspace()))
        if before[-1] != len(in_file):
            raise SystemExit(f"{path.name} was not read as it is")
        return [
            Chunk(in_file[before[span.start]], in_file[before[span.end] - 1] + 1, span.header)
            for span in split(parsed, rule)
        ]

    return cut


def scores_of(
    texts: Sequence[str], questions: Sequence[str], embedder: SentenceTransformersEmbedder
) -> Scores:
    """questions x texts, as retrieval joins them."""
    vectors: list[list[float]] = []
    for first in range(0, len(texts), 32):
        vectors += embedder.embed_passages(list(texts[first : first + 32]))
    asked = np.asarray([embedder.embed_question(question) for question in questions])
    return by_scores(asked @ np.asarray(vectors).T, bm25(texts, questions, words))


def read_of(row: Any, chunks: Sequence[Chunk], most: int, *, with_beside: bool) -> list[Chunk]:
    """The chunks read for a question: the best, and what stands beside the very best."""
    order = [int(number) for number in np.argsort(-row, kind="stable") if row[number] > NOWHERE]
    chosen = order[:most]
    if with_beside:
        beside = [number + step for number in chosen[:WIDENED] for step in (1, -1)]
        near = [each for each in beside if 0 <= each < len(chunks)]
        chosen = list(dict.fromkeys([*chosen[:WIDENED], *near]))[:most]
    return [chunks[number] for number in chosen]


Overlap = tuple[float, float, int]
"""(recall, iou, characters read)."""


def overlap_of(read: Sequence[Chunk], answer: Sequence[tuple[int, int]]) -> Overlap:
    """How far what was read and the answer cover each other."""
    seen = {at for chunk in read for at in range(chunk.start, chunk.end)}
    wanted = {at for start, end in answer for at in range(start, end)}
    shared = len(seen & wanted)
    return shared / len(wanted), shared / len(seen | wanted), len(seen)


WAYS: tuple[tuple[str, str, int, bool], ...] = (
    ("1000 characters, 100 overlap, best 3", "1000", 3, False),
    ("1000 characters, 100 overlap, best 5", "1000", 5, False),
    ("1600 characters, best 3", "1600", 3, False),
    ("1600 characters, best 5", "1600", 5, False),
    ("ours, best 3", "ours", 3, False),
    ("ours, best 5", "ours", 5, False),
    ("ours, best 3 and what stands beside them", "ours", 9, True),
)


def measured(folder: Path, model: Path, threads: int) -> dict[str, Any]:
    """Every way over every question."""
    embedder = SentenceTransformersEmbedder(model, threads=threads)
    rule = TokenRule(embedder.count_tokens, limit=embedder.passage_limit_tokens)
    splitters = {"1000": fixed(1000, 100), "1600": fixed(1600, 0), "ours": ours(rule)}
    asked = _questions(folder / "questions.jsonl.gz")
    found: dict[str, list[Overlap]] = {name: [] for name, *_ in WAYS}
    for path in sorted(folder.glob("*.md")):
        mine = [each for each in asked if each["corpus"] == path.stem]
        if not mine:
            continue
        text = path.read_text("utf-8")
        for kind, cut in splitters.items():
            chunks = cut(path, text)
            texts = [f"{each.header}\n{text[each.start : each.end]}".strip() for each in chunks]
            scores = scores_of(texts, [each["text"] for each in mine], embedder)
            for name, of, most, with_beside in WAYS:
                if of != kind:
                    continue
                for row, each in zip(scores, mine, strict=True):
                    answer = [
                        (part["start_index"], part["end_index"]) for part in each["references"]
                    ]
                    read = read_of(row, chunks, most, with_beside=with_beside)
                    found[name].append(overlap_of(read, answer))
    return {
        "load": os.getloadavg()[0],
        "questions": len(next(iter(found.values()))),
        "ways": [
            {
                "way": name,
                "recall": round(statistics.fmean(each[0] for each in values), 4),
                "iou": round(statistics.fmean(each[1] for each in values), 4),
                "characters": round(statistics.fmean(each[2] for each in values)),
            }
            for name, values in found.items()
        ],
    }


def _ranges(question: dict[str, Any]) -> list[tuple[int, int]]:
    return [(part["start_index"], part["end_index"]) for part in question["references"]]


def _questions(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> None:
    """Measure and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.data, options.model, options.threads)
    print(json.dumps(found, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
