"""What each part of search is worth: one row a part, each with everything of the rows above it.

`python bench/ablation.py --data ROOT [--json] [--into docs/quality.md] [--plot FILE.svg]`

ROOT holds development sets as shared/data/rag-eval does. Passages are split and embedded as the
worker does it; the two searches are exact (numpy), the joining of their scores is what retrieval
does. Each row is compared with the one above it, question by question: the difference of the
means with its bootstrap 95 % interval. --into replaces the table between its two marks in a file.
"""

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from ablation_shown import plot, put_into
from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from ingest.indexed import Indexed
from ingest.passages import TokenRule
from lexical.analyser import words
from lexical.scripts import PASSAGE_SHARE, QUESTION_SHARE, scripts_of
from lexical.weights import LENGTH_SHARE, SATURATION, USUAL_WORDS
from quality import MODEL, RESAMPLES, Question, bare, corpus_of, ndcg, passages_of, recall
from retrieval.search.fusion import CANDIDATES, WORDS_SHARE

SETS = (
    ("FAQ en", "debian-faq/en", "debian-faq/en"),
    ("FAQ zh", "debian-faq/zh", "debian-faq/zh"),
    ("FAQ zh → en", "debian-faq/en", "debian-faq/zh"),
    ("FAQ en → zh", "debian-faq/zh", "debian-faq/en"),
    ("mtrag", "mtrag", "mtrag"),
    ("documentation", "docs-rag", "docs-rag"),
    ("XQuAD en", "xquad-en-zh/en", "xquad-en-zh/en"),
    ("XQuAD zh", "xquad-en-zh/zh", "xquad-en-zh/zh"),
    ("XQuAD zh → en", "xquad-en-zh/en", "xquad-en-zh/zh"),
    ("XQuAD en → zh", "xquad-en-zh/zh", "xquad-en-zh/en"),
    ("CMRC", "cmrc2018-trial", "cmrc2018-trial"),
)
"""A name, whose texts, whose questions."""
MOST_QUESTIONS = 300
RRF = 60
NOWHERE = -9.0
Scores = NDArray[np.float64]
"""questions x passages."""


@dataclass
class Shelf:
    """The passages of a folder, and their vectors with and without headers."""

    documents: list[str]
    passages: list[Indexed]
    scripts: list[tuple[str, ...]]
    with_headers: Scores
    without_headers: Scores


@dataclass
class Asked:
    """The questions of one setting, and all that was measured of each pair with a passage."""

    questions: list[Question]
    shelf: Shelf
    meaning: dict[bool, Scores]
    by_blanks: Scores
    by_words: dict[bool, Scores]
    shares_script: NDArray[np.bool_]


def shelf_of(folder: Path, embedder: SentenceTransformersEmbedder) -> Shelf:
    """Split and embed a folder's texts."""
    rule = TokenRule(embedder.count_tokens, limit=embedder.passage_limit_tokens)
    documents, passages = [], []
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as scratch:
        for document in corpus_of([folder], folder).documents:
            for passage in passages_of(document, rule, Path(scratch)):
                documents.append(bare(document["_id"]))
                passages.append(passage)
    whole = _embedded([each.whole for each in passages], embedder)
    bald = [number for number, each in enumerate(passages) if each.header]
    without = whole.copy()
    without[bald] = _embedded([passages[number].text for number in bald], embedder)
    scripts = [tuple(scripts_of(each.text, PASSAGE_SHARE)) for each in passages]
    return Shelf(documents, passages, scripts, whole, without)


def _embedded(texts: Sequence[str], embedder: SentenceTransformersEmbedder) -> Scores:
    vectors = np.zeros((len(texts), embedder.stamp.dimension))
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for first in range(0, len(order), 32):
        part = order[first : first + 32]
        vectors[part] = embedder.embed_passages([texts[number] for number in part])
    return vectors


def bm25(
    texts: Sequence[str], questions: Sequence[str], tokens_of: Callable[[str], Sequence[str]]
) -> Scores:
    """BM25 of each question for each text."""
    vocabulary: dict[str, int] = {}
    held = _counts(texts, tokens_of, vocabulary, grows=True).tocoo()
    lengths = np.zeros(len(texts))
    np.add.at(lengths, held.row, held.data)
    damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * lengths[held.row] / USUAL_WORDS)
    holders = np.bincount(held.col, minlength=len(vocabulary))
    rarity = np.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
    weights = held.data * (SATURATION + 1) / (held.data + damping) * rarity[held.col]
    shape = (len(texts), len(vocabulary))
    weighed = sparse.csr_matrix((weights, (held.row, held.col)), shape=shape)
    asked = _counts(questions, tokens_of, vocabulary, grows=False)
    asked.data[:] = 1
    found: Scores = (asked @ weighed.T).toarray()
    return found


def _counts(
    texts: Sequence[str],
    tokens_of: Callable[[str], Sequence[str]],
    vocabulary: dict[str, int],
    *,
    grows: bool,
) -> Any:
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        for token, count in Counter(tokens_of(text)).items():
            if grows or token in vocabulary:
                rows.append(row)
                columns.append(vocabulary.setdefault(token, len(vocabulary)))
                values.append(float(count))
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(vocabulary)))


def asked_of(
    questions: list[Question], shelf: Shelf, embedder: SentenceTransformersEmbedder
) -> Asked:
    """Everything measured once, so that the rows only join it differently."""
    texts = [question.text for question in questions]
    vectors = np.asarray([embedder.embed_question(text) for text in texts])
    wanted = [set(scripts_of(text, QUESTION_SHARE)) for text in texts]
    whole, bald = [each.whole for each in shelf.passages], [each.text for each in shelf.passages]
    return Asked(
        questions=questions,
        shelf=shelf,
        meaning={
            True: vectors @ shelf.with_headers.T,
            False: vectors @ shelf.without_headers.T,
        },
        by_blanks=bm25(bald, texts, lambda text: text.lower().split()),
        by_words={True: bm25(whole, texts, words), False: bm25(bald, texts, words)},
        shares_script=np.asarray(
            [[not mine.isdisjoint(scripts) for scripts in shelf.scripts] for mine in wanted]
        ),
    )


def by_ranks(meaning: Scores, lexical: Scores) -> Scores:
    """Reciprocal ranks added, of what either search puts among its best."""
    joined = np.full(meaning.shape, NOWHERE)
    for scores, found in ((meaning, _best(meaning)), (lexical, _best(lexical) & (lexical > 0))):
        ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
        worth = np.where(found, 1 / (RRF + 1 + ranks), 0)
        joined = np.where(found, np.where(joined == NOWHERE, 0, joined) + worth, joined)
    return joined


def by_scores(meaning: Scores, lexical: Scores, counts: NDArray[np.bool_] | None = None) -> Scores:
    """Scores stretched to 0..1 and added; words only where `counts` (None: everywhere)."""
    lexical = lexical if counts is None else np.where(counts, lexical, 0)
    near, worded = _best(meaning), _best(lexical) & (lexical > 0)
    lowest = np.where(near, meaning, np.inf).min(axis=1, keepdims=True)
    highest = meaning.max(axis=1, keepdims=True)
    stretched = np.clip((meaning - lowest) / (highest - lowest + 1e-9), 0, 1)
    most = np.where(worded, lexical, 0).max(axis=1, keepdims=True)
    share = np.where(most > 0, WORDS_SHARE, 0.0) * (1.0 if counts is None else counts)
    added = (1 - share) * stretched + share * np.where(worded, lexical, 0) / np.maximum(most, 1e-9)
    return np.where(near | worded, added, NOWHERE)


def _best(scores: Scores) -> NDArray[np.bool_]:
    if scores.shape[1] <= CANDIDATES:
        return np.ones(scores.shape, bool)
    least = np.partition(scores, -CANDIDATES, axis=1)[:, -CANDIDATES][:, None]
    found: NDArray[np.bool_] = scores >= least
    return found


ROWS: tuple[tuple[str, Callable[[Asked], Scores]], ...] = (
    ("meaning alone", lambda asked: asked.meaning[False]),
    (
        "+ words between blanks, by ranks (RRF 60)",
        lambda asked: by_ranks(asked.meaning[False], asked.by_blanks),
    ),
    (
        "+ our words (stems, characters, identifiers)",
        lambda asked: by_ranks(asked.meaning[False], asked.by_words[False]),
    ),
    (
        "+ scores instead of ranks",
        lambda asked: by_scores(asked.meaning[False], asked.by_words[False]),
    ),
    (
        "+ words only within a script",
        lambda asked: by_scores(asked.meaning[False], asked.by_words[False], asked.shares_script),
    ),
    (
        "+ headers in what is indexed",
        lambda asked: by_scores(asked.meaning[True], asked.by_words[True], asked.shares_script),
    ),
)


def ranked(asked: Asked, scores: Scores) -> list[list[str]]:
    """For each question the documents, by their best passage."""
    found = []
    for row in scores:
        order = [number for number in np.argsort(-row, kind="stable") if row[number] > NOWHERE]
        found.append(list(dict.fromkeys(asked.shelf.documents[number] for number in order)))
    return found


def measured(root: Path, model: Path, threads: int) -> dict[str, Any]:
    """Every row over every setting."""
    embedder = SentenceTransformersEmbedder(model, threads=threads)
    shelves: dict[str, Shelf] = {}
    values: dict[str, dict[str, list[float]]] = {name: {} for name, _ in ROWS}
    seen: dict[str, list[list[float]]] = {name: [] for name, _ in ROWS}
    for name, of, asking in SETS:
        if of not in shelves:
            shelves[of] = shelf_of(root / of, embedder)
        questions = corpus_of([root / of], root / asking).questions[:MOST_QUESTIONS]
        asked = asked_of(questions, shelves[of], embedder)
        for row, join in ROWS:
            pairs = list(zip(questions, ranked(asked, join(asked)), strict=True))
            values[row][name] = [ndcg(*pair) for pair in pairs]
            seen[row].append([recall(*pair, 5) for pair in pairs])
    return {
        "load": os.getloadavg()[0],
        "questions": {name: len(each) for name, each in values[ROWS[0][0]].items()},
        "rows": [
            {
                "row": row,
                "ndcg@10": {name: _mean(each) for name, each in values[row].items()},
                "mean": _mean([_mean(each, 6) for each in values[row].values()]),
                "recall@5": _mean([_mean(each, 6) for each in seen[row]]),
                "gain": None if above is None else gain(values[above], values[row]),
            }
            for above, row in pairwise([None, *(name for name, _ in ROWS)])
            if row is not None
        ],
    }


def gain(above: dict[str, list[float]], row: dict[str, list[float]]) -> list[float]:
    """[mean over the sets of the differences, low, high]: questions are drawn within each set."""
    dice = np.random.default_rng(20_261_122)
    drawn = np.zeros(RESAMPLES)
    for name, values in row.items():
        differences = np.asarray(values) - np.asarray(above[name])
        picks = dice.choice(differences, size=(RESAMPLES, len(differences)))
        drawn += picks.mean(axis=1) / len(row)
    low, high = np.quantile(drawn, [0.025, 0.975])
    means = [_mean(values, 6) - _mean(above[name], 6) for name, values in row.items()]
    return [_mean(means), round(float(low), 4), round(float(high), 4)]


def _mean(values: Sequence[float], digits: int = 4) -> float:
    return round(float(np.mean(values)), digits)


def main() -> None:
    """Measure, print, and put the table where it belongs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.data, options.model, options.threads)
    if options.into is not None:
        put_into(options.into, found)
    if options.plot is not None:
        options.plot.write_text(plot(found), "utf-8")
    print(json.dumps(found, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
