"""The simulator's own tokens, and the answers it finds in a prompt without any model."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from contracts.generation import PromptMessage

NOT_FOUND_WORDS = "I could not find this in the documents."
TOKENS_PER_MESSAGE = 4
TOKENS_PER_PROMPT = 3
ENOUGH_OVERLAP = 0.4
"""Share of the question's words a sentence must have to be an answer."""

_CJK = "\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af"
_TOKEN = re.compile(rf"\s*(?:[{_CJK}]|[^\W{_CJK}]+|[^\w\s])|\s+")
_PASSAGE = re.compile(r"<passage\b[^>]*>(.*?)</passage>", re.DOTALL)
_PASSAGES_END = re.compile(r"</passages?>")
_QUESTION_LABEL = re.compile(r"^\s*(?:Question|问题)\s*[:：]\s*")
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?](?=\s|$)|[。！？]|\.(?=\S)[^.!?。！？\n]*)*[.!?]?")
_NOT_FOUND = re.compile(
    r"If the passages do not contain the answer, reply exactly:\s*[\"“]?(.+?)[\"”]?\s*(?:\n|$)"
)
_TO_REWRITE = re.compile(r"\n\nLast question: (.+)\Z", re.DOTALL)
_TOLD_QUESTION = re.compile(r"^Question: (.+)$", re.MULTILINE)
_WORD = re.compile(rf"[^\W{_CJK}]+")
_CJK_RUN = re.compile(rf"[{_CJK}]+")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the and for with from that this what which when where who whom whose why how does did was"
        " were are is can could will would should may has have had you your about into its it of in"
        " on to at by an a as be do or many much",
    )
)
_COMMON_CJK = frozenset(
    ("什么", "多少", "如何", "怎么", "哪些", "哪个", "为什", "是什", "么时", "时候")
)


def tokens_of(text: str) -> list[str]:
    """Words, signs and single CJK characters, spaces kept: joined they are the text again."""
    return _TOKEN.findall(text)


def prompt_tokens(messages: Iterable[PromptMessage]) -> list[str]:
    """The prompt as the simulator's template would write it."""
    tokens = ["<start>"] * TOKENS_PER_PROMPT
    for message in messages:
        tokens += [f"<{message.role}>"] * TOKENS_PER_MESSAGE
        tokens += tokens_of(message.content)
    return tokens


def found_answer(messages: Sequence[PromptMessage]) -> str:
    """The sentence of the passages that has most of the question's words.

    Without passages the question is said back; when nothing fits, the configured words. A question
    to be rewritten gets the one before it put behind.
    """
    last = last_user_text(messages)
    to_rewrite = _TO_REWRITE.search(last)
    if to_rewrite is not None:
        return _with_the_one_before(to_rewrite.group(1), last)
    passages = _PASSAGE.findall(last)
    question = _QUESTION_LABEL.sub("", _PASSAGES_END.split(last)[-1]).strip()
    if not passages:
        return f"You said: {question}"
    wanted = _features(question)
    sentences = [each.strip() for passage in passages for each in _SENTENCE.findall(passage)]
    best = max(sentences, key=lambda sentence: len(wanted & _features(sentence)), default="")
    if not wanted or len(wanted & _features(best)) < ENOUGH_OVERLAP * len(wanted):
        return _not_found_words(messages)
    return best


def _with_the_one_before(question: str, told: str) -> str:
    before = _TOLD_QUESTION.findall(told)
    return f"{question} ({before[-1]})" if before else question


def last_user_text(messages: Sequence[PromptMessage]) -> str:
    """What the person said last."""
    return next((each.content for each in reversed(messages) if each.role == "user"), "")


def instance_of(schema: dict[str, Any], answer: str) -> Any:
    """A small value that fits a JSON schema, with `answer` as its texts."""
    return _instance(schema or {"properties": {"answer": {"type": "string"}}}, schema, answer)


def _instance(part: dict[str, Any], root: dict[str, Any], answer: str) -> Any:
    if "$ref" in part:
        target: Any = root
        for step in str(part["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        return _instance(target, root, answer)
    for choice in ("anyOf", "oneOf", "allOf"):
        if part.get(choice):
            return _instance(part[choice][0], root, answer)
    for name in ("const", "enum", "default"):
        if name in part:
            return part[name][0] if name == "enum" else part[name]
    return _plain_instance(part, root, answer)


def _plain_instance(part: dict[str, Any], root: dict[str, Any], answer: str) -> Any:
    kind = part.get("type", "object" if "properties" in part else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        properties = part.get("properties", {})
        return {name: _instance(each, root, answer) for name, each in properties.items()}
    if kind == "array":
        items = part.get("items", {"type": "string"})
        return [_instance(items, root, answer)] * max(1, part.get("minItems", 1))
    if kind in ("integer", "number"):
        return part.get("minimum", 0)
    return {"boolean": True, "null": None}.get(kind, answer)


def _not_found_words(messages: Sequence[PromptMessage]) -> str:
    for message in messages:
        found = _NOT_FOUND.search(message.content)
        if found:
            return found.group(1)
    return NOT_FOUND_WORDS


def _features(text: str) -> set[str]:
    words = {word.lower() for word in _WORD.findall(text)} - _COMMON
    # "prices" and "price" are one word here: an answer rarely repeats the question's grammar.
    stems = {word.removesuffix("s") if len(word) > 3 else word for word in words}
    pairs = {
        run[at : at + 2] for run in _CJK_RUN.findall(text) for at in range(max(1, len(run) - 1))
    }
    return stems | (pairs - _COMMON_CJK)
