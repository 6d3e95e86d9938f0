"""Rules of follow-up questions: which are made to stand alone, by what words, and how searched."""

import re
from collections.abc import Sequence
from itertools import chain

from contracts.generation import PromptMessage
from contracts.passages import SearchHit
from gateway.planning.rules import PastMessage, question_in

SHORT_QUESTION_WORDS = 8
"""Up to so many words a follow-up question is made to stand alone before it is searched for.

Of 139 later turns of mtrag .79 are so short or point back; nDCG@10 .674 as asked, .731 with a
rewritten question beside each, .735 with one beside those.
"""
_REWRITTEN_CHARACTERS = 300
_TOLD_CHARACTERS = 300
_TOLD_EXCHANGES = 2
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|his|her|him|there|ones?|same"
    r"|also|such|another|else|more|others?|both|either|former|latter)\b"
    "|[它他她这那其该此]|还有|也|呢",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\u3400-\u9fff]{1,2}|[^\W\u3400-\u9fff]+")
_LABEL = re.compile(
    r"^\s*(?:(?:rewritten|last|stand-?alone) )?(?:question|问题)\s*[:：]\s*", re.IGNORECASE
)
_REWRITE_RULES = "You rewrite questions. You never answer them."
_REWRITE_WISH = (
    "Rewrite the last question so that it can be understood without the conversation. Put what "
    'words such as "it" or "they" mean in their place. Keep its language. '
    "Reply with the question alone."
)


def leans_on_history(question: str) -> bool:
    """Whether a follow-up question may not be understood without what was said before."""
    if len(question) > _REWRITTEN_CHARACTERS:
        return False  # it says enough; what is longer would be paid for and thrown away
    is_short = len(_WORD.findall(question)) <= SHORT_QUESTION_WORDS
    return is_short or _POINTS_BACK.search(question) is not None


def rewriting_messages(question: str, history: Sequence[PastMessage]) -> list[PromptMessage]:
    """What asks a model to make a question stand alone: the end of the conversation, shortened."""
    told = "\n".join(
        f"Question: {_shortened(question_in(past.content))}"
        if past.role == "user"
        else f"Answer: {_shortened(past.content)}"
        for past in history[-2 * _TOLD_EXCHANGES :]
    )
    asking = f"Conversation:\n{told}\n\n{_REWRITE_WISH}\n\nLast question: {question}"
    return [
        PromptMessage(role="system", content=_REWRITE_RULES),
        PromptMessage(role="user", content=asking),
    ]


def rewritten_question(said: str, question: str) -> str | None:
    """The question a model wrote. None: nothing that could be searched for instead."""
    line = next((line for line in said.strip().splitlines() if line.strip()), "")
    found = _LABEL.sub("", line).strip().strip("\"'“”「」`")
    is_usable = 0 < len(found) <= _REWRITTEN_CHARACTERS
    return found if is_usable and found.casefold() != question.strip().casefold() else None


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TOLD_CHARACTERS else f"{line[:_TOLD_CHARACTERS]}…"


def found_together(found: Sequence[Sequence[SearchHit]]) -> list[SearchHit]:
    """The hits of several questions for one thing, their scores added, best first."""
    hits: dict[str, SearchHit] = {}
    for hit in chain.from_iterable(found):
        known = hits.get(hit.passage_id)
        hits[hit.passage_id] = hit if known is None else _added(known, hit)
    return sorted(hits.values(), key=lambda hit: -hit.score)


def _added(hit: SearchHit, other: SearchHit) -> SearchHit:
    nearest = max(hit.similarity, other.similarity)
    return hit.model_copy(update={"score": hit.score + other.score, "similarity": nearest})
