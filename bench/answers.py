"""Are the answers right, and do their citations hold? End to end, with the model that is deployed.

`python bench/answers.py --data DIR [--foreign DIR] [--questions 200] [--minutes N] [--json]`
`[--engine vllm --at-once 8]`

Starts Stoa as `make up` does, in a temporary STOA_HOME (with the repository's models), uploads the
texts of DIR (corpus.jsonl.gz, queries.jsonl.gz with `answers`, qrels.tsv), and asks an assistant
over the public API. The questions are drawn with a fixed seed. The same model is asked beside it
with no context and with the right passage. --foreign: questions of another folder, which DIR does
not answer. Nothing is left behind. Hours on two cores: --minutes ends the asking after that time,
and the figures are of the questions asked until then. --engine vllm reads prompts many times as
fast as llama.cpp on the same cores, and answers --at-once side by side.

Prints one object. em, f1, has_answer: against the best of the given answers (SQuAD's rules; Chinese
by character). citation_precision: among answers with F1 >= .8, the share of citations whose quote
holds the answer. refused: answered by the words for silence (wrongly), refused_foreign (rightly).
"""

import argparse
import gzip
import json
import os
import random
import re
import secrets
import signal
import statistics
import string
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import httpx2

from contracts.assistants import GroundingMode
from gateway.answering.relevance import not_found_words_for
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.rules import question_text
from gateway.planning.wording import system_text
from laptop.settings import REPOSITORY, inherited_environment
from seed.api import Api
from seed.errors import CannotSeed

SEED = 20_261_122
PORT_OFFSET = 3_300
GATEWAY = f"http://127.0.0.1:{8080 + PORT_OFFSET}"
EMAIL = "bench@example.org"
READING_SECONDS = 7_200
ANSWER_SECONDS = 300
BATCH = 100
RIGHT_F1 = 0.8
KINDS = ("assistant", "gold_passage", "no_context")
GOLD_CHARACTERS = 1_200
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True)
class Question:
    """What is asked, what counts as an answer, and the text that has it."""

    text: str
    answers: tuple[str, ...]
    gold: str


def questions_of(folder: Path, count: int) -> list[Question]:
    """Questions with a short answer that stands in a relevant text."""
    texts = {each["_id"]: str(each["text"]) for each in _lines(folder / "corpus.jsonl.gz")}
    relevant: dict[str, list[str]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        if float(score) > 0:
            relevant.setdefault(question, []).append(document)
    found = []
    for each in _lines(folder / "queries.jsonl.gz"):
        golds = [texts[name] for name in relevant.get(each["_id"], []) if name in texts]
        if golds and each.get("answers"):
            found.append(Question(each["text"], tuple(each["answers"]), golds[0]))
    random.Random(SEED).shuffle(found)  # noqa: S311 - a sample, no secret
    return found[:count]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@contextmanager
def stoa(engine: str) -> Iterator[Api]:
    """A Stoa of its own on this engine, and the calls of its operator."""
    password = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        home = Path(folder)
        (home / "models").symlink_to(REPOSITORY / "var" / "models")
        environment = inherited_environment() | {
            "STOA_HOME": folder,
            "STOA_PORT_OFFSET": str(PORT_OFFSET),
            "STOA_ENGINE": engine,
            "STOA_ADMIN_EMAIL": EMAIL,
            "STOA_ADMIN_PASSWORD": password,
            "GATEWAY_LIMITS__REQUESTS_PER_MINUTE": "100000",
            "GATEWAY_LIMITS__TOKENS_PER_MINUTE": "100000000",
            "GATEWAY_LIMITS__WORKSPACE_REQUESTS_PER_MINUTE": "100000",
            "GATEWAY_LIMITS__WORKSPACE_TOKENS_PER_MINUTE": "100000000",
            "GATEWAY_LIMITS__ADDRESS_REQUESTS_PER_MINUTE": "100000",
            "GATEWAY_LIMITS__ADDRESS_TOKENS_PER_MINUTE": "100000000",
        }
        _laptop(environment, "up", "--detach")
        try:
            with httpx2.Client(base_url=GATEWAY, timeout=ANSWER_SECONDS) as http:
                session = Api(http).post("/v1/sessions", {"email": EMAIL, "password": password})
                yield Api(http, session["token"])
        finally:
            _laptop(environment, "down")


def _laptop(environment: dict[str, str], *verb: str) -> None:
    command = [sys.executable, "-m", "laptop", *verb]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout.decode("utf-8", "replace")[-2_000:])


def assistant_for(api: Api, folder: Path) -> str:
    """An assistant that has read every text of the folder; its slug."""
    collection = api.post("/v1/vector_stores", {"name": folder.name})["id"]
    stored = [
        api.upload(f"{number}.txt", str(each["text"]).encode())["id"]
        for number, each in enumerate(_lines(folder / "corpus.jsonl.gz"))
    ]
    for first in range(0, len(stored), BATCH):
        batch = {"file_ids": stored[first : first + BATCH]}
        api.post(f"/v1/vector_stores/{collection}/file_batches", batch)
    _wait_until_read(api, collection, len(stored))
    knowing = {"file_search": {"vector_store_ids": [collection]}}
    made = api.post("/v1/assistants", {"name": folder.name, "tool_resources": knowing})
    api.post(f"/v1/assistants/{made['id']}/publish")
    return str(made["slug"])


def _wait_until_read(api: Api, collection: str, count: int) -> None:
    ends_at = time.monotonic() + READING_SECONDS
    while time.monotonic() < ends_at:
        counts = api.get(f"/v1/vector_stores/{collection}")["file_counts"]
        if counts["failed"]:
            raise SystemExit(f"{counts['failed']} texts could not be read")
        if counts["completed"] == count:
            return
        time.sleep(2)  # a poll with a deadline
    raise SystemExit("the texts were not read in time")


def asked(api: Api, model: str, messages: Sequence[dict[str, str]]) -> dict[str, Any]:
    """One answer: its text without markers (empty: none came), its quotes, the seconds it took."""
    started = time.monotonic()
    body = {"model": model, "messages": list(messages), "temperature": 0}
    try:
        answer = api.post("/v1/chat/completions", body)
    except CannotSeed:  # refused, or not in time
        return {"text": "", "quotes": [], "seconds": time.monotonic() - started}
    message = answer["choices"][0]["message"]
    text = message["content"]
    for each in reversed(message["annotations"]):
        text = text[: each["start_index"]].rstrip() + text[each["end_index"] :]
    quotes = [each["file_citation"]["quote"] for each in message["annotations"]]
    return {"text": text, "quotes": quotes, "seconds": time.monotonic() - started}


def alone(question: Question) -> list[dict[str, str]]:
    """The question without any context."""
    return [{"role": "user", "content": question.text}]


def with_gold(question: Question) -> list[dict[str, str]]:
    """The question as an assistant would ask it if search found the right passage and no other."""
    at = next((question.gold.find(each) for each in question.answers if each in question.gold), 0)
    start = max(0, at - GOLD_CHARACTERS // 2)
    text = question.gold[start : start + GOLD_CHARACTERS]
    passage = LoadedPassage(
        "gold", "gold", "gold.txt", "gold", "gold", 1, "gold", None, "", 0, len(text), text
    )
    system = system_text("", "", GroundingMode.DOCUMENTS_ONLY)
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": question_text([(passage,)], question.text)},
    ]


def plain(text: str) -> str:
    """Lower case, full width folded, without articles and punctuation."""
    folded = unicodedata.normalize("NFKC", text).lower()
    kept = "".join(
        " "
        if character in string.punctuation or unicodedata.category(character)[0] == "P"
        else character
        for character in folded
    )
    return " ".join(_ARTICLES.sub(" ", kept).split())


def f1(said: str, answer: str) -> float:
    """Token F1; a Chinese character is a token."""
    left, right = Counter(_TOKEN.findall(plain(said))), Counter(_TOKEN.findall(plain(answer)))
    shared = (left & right).total()
    if not shared:
        return 0.0
    precision, recall = shared / left.total(), shared / right.total()
    return 2 * precision * recall / (precision + recall)


def best_f1(said: str, question: Question) -> float:
    """Against the best of the given answers."""
    return max(f1(said, answer) for answer in question.answers)


def is_exact(said: str, question: Question) -> bool:
    """Whether the answer is one of the given ones."""
    return any(plain(said) == plain(answer) for answer in question.answers)


def holds(text: str, question: Question) -> bool:
    """Whether one of the given answers stands in the text."""
    return any(plain(answer) in plain(text) for answer in question.answers)


def is_refusal(said: str, question: str) -> bool:
    """Whether the words for silence were all that was said."""
    return plain(said) == plain(not_found_words_for(question, ""))


def figures(questions: Sequence[Question], answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means over the questions."""
    pairs = list(zip(questions, answers, strict=True))
    right = [pair for pair in pairs if best_f1(pair[1]["text"], pair[0]) >= RIGHT_F1]
    quotes = [holds(quote, question) for question, said in right for quote in said["quotes"]]
    return {
        "em": _mean([is_exact(said["text"], question) for question, said in pairs]),
        "f1": _mean([best_f1(said["text"], question) for question, said in pairs]),
        "has_answer": _mean([holds(said["text"], question) for question, said in pairs]),
        "refused": _mean([is_refusal(said["text"], question.text) for question, said in pairs]),
        "cited": _mean([bool(said["quotes"]) for _, said in pairs]),
        "unanswered": sum(not said["text"] for _, said in pairs),
        "right_answers": len(right),
        "citations_of_right_answers": len(quotes),
        "citation_precision": _mean(quotes) if quotes else None,
        "seconds_p50": round(statistics.median(said["seconds"] for _, said in pairs), 2),
    }


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 4)


@dataclass(frozen=True)
class Asking:
    """What asks every question, in all ways, until it is late."""

    api: Api
    slug: str
    bare: str
    ends_at: float

    def about(self, pair: tuple[Question, Question | None]) -> dict[str, dict[str, Any]] | None:
        """Kind of asking -> answer; None: it was too late."""
        question, stranger = pair
        if time.monotonic() > self.ends_at:
            return None
        found = {
            "assistant": asked(self.api, self.slug, alone(question)),
            "gold_passage": asked(self.api, self.bare, with_gold(question)),
            "no_context": asked(self.api, self.bare, alone(question)),
        }
        if stranger is not None:
            found["foreign"] = asked(self.api, self.slug, alone(stranger))
        return found


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Everything about one folder."""
    questions = questions_of(options.data, options.questions)
    foreign = questions_of(options.foreign, len(questions)) if options.foreign else []
    pairs = list(zip_longest(questions, foreign[: len(questions)]))
    with stoa(options.engine) as api:
        models = [each["id"] for each in api.get("/v1/models")["data"] if not each["assistant_id"]]
        bare = options.model or models[0]
        slug = assistant_for(api, options.data)
        asking = Asking(api, slug, bare, time.monotonic() + options.minutes * 60)
        started = time.monotonic()
        with ThreadPoolExecutor(options.at_once) as pool:
            found = [
                (pair, answers)
                for pair, answers in zip(pairs, pool.map(asking.about, pairs), strict=True)
                if answers is not None
            ]
    answered = [question for (question, _), _ in found]
    refused = [
        is_refusal(answers["foreign"]["text"], stranger.text)
        for (_, stranger), answers in found
        if stranger is not None
    ]
    return {
        "set": options.data.name,
        "engine": options.engine,
        "model": bare,
        "questions": len(found),
        **{kind: figures(answered, [answers[kind] for _, answers in found]) for kind in KINDS},
        **({"refused_foreign": _mean(refused)} if refused else {}),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--foreign", type=Path)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--model")
    parser.add_argument("--engine", choices=("llamacpp", "vllm"), default="llamacpp")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # Told to end, it ends what it started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = measure(options)
    print(json.dumps(found, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
