"""Which passages may have the answer to a question, and what is said when none has."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.definitions import AnswerLanguage, Strictness
from contracts.passages import SearchHit
from gateway.knowledge.rules import LoadedPassage
from gateway.planning.wording import CHINESE_NOT_FOUND_WORDS, NOT_FOUND_WORDS


@dataclass(frozen=True)
class Relevance:
    """What a score of one embedding model means. Across languages all scores are lower."""

    floor_same_language: float
    floor_other_language: float
    within: float
    """How far below the best of its language a passage may lie."""


# Measured on XQuAD: the right passage scored .79 to .92 in the question's language, .73 to .84 in
# the other one, and the best wrong passage of 40 as low as .76 and .71. A model that nobody has
# measured gets no cut.
RELEVANCE = {"multilingual-e5-small": Relevance(0.77, 0.72, 0.06)}
_NO_CUT = Relevance(-1, -1, 2)
# By how much a stricter or looser assistant moves the floor, and what lies within the best.
_STRICTNESS = {
    Strictness.LOOSE: (-0.03, 1.5),
    Strictness.NORMAL: (0.0, 1.0),
    Strictness.STRICT: (0.02, 0.5),
}
STRONG_SHARE = 0.6
"""Of the best score, from which a passage is read that is not near in meaning: it has the words."""
_CJK_FROM, _CJK_TO = "\u3400", "\u9fff"


def worth_reading(
    question: str,
    found: Sequence[tuple[LoadedPassage, SearchHit]],
    embedding_model: str,
    strictness: Strictness = Strictness.NORMAL,
) -> list[LoadedPassage]:
    """The passages that may have the answer, best first.

    Whether any has it is judged by meaning: words alone are shared by accident. Each is compared
    with the best of its own language: a Chinese passage about something else is nearer to a Chinese
    question than the English passage that answers it.
    """
    rule, asks_in_cjk = _relevance(embedding_model, strictness), _is_cjk(question)
    top = max((hit.score for _, hit in found), default=0.0)
    kept: list[tuple[LoadedPassage, SearchHit]] = []
    for is_same in (True, False):
        floor = rule.floor_same_language if is_same else rule.floor_other_language
        alike = [pair for pair in found if (_is_cjk(pair[0].text) == asks_in_cjk) is is_same]
        best = max((hit.similarity for _, hit in alike), default=0.0)
        if best >= floor:
            nearest = max(floor, best - rule.within)
            kept += [
                pair
                for pair in alike
                if pair[1].similarity >= nearest or pair[1].score >= STRONG_SHARE * top
            ]
    return [passage for passage, _ in sorted(kept, key=lambda pair: -pair[1].score)]


def _relevance(embedding_model: str, strictness: Strictness) -> Relevance:
    rule = RELEVANCE.get(embedding_model)
    if rule is None:
        return _NO_CUT
    raised, share = _STRICTNESS[strictness]
    return Relevance(
        rule.floor_same_language + raised, rule.floor_other_language + raised, rule.within * share
    )


def not_found_words_for(
    question: str,
    configured: str,
    language: AnswerLanguage = AnswerLanguage.SAME_AS_QUESTION,
) -> str:
    """How an assistant says that its documents are silent, in the language of its answers."""
    if configured.strip():
        return configured.strip()
    if language is AnswerLanguage.SAME_AS_QUESTION:
        return CHINESE_NOT_FOUND_WORDS if _is_cjk(question) else NOT_FOUND_WORDS
    return CHINESE_NOT_FOUND_WORDS if language is AnswerLanguage.CHINESE else NOT_FOUND_WORDS


def _is_cjk(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    wide = sum(1 for character in letters if _CJK_FROM <= character <= _CJK_TO)
    return wide > 0 and wide * 3 >= len(letters)
