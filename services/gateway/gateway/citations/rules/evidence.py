"""How well a passage supports a sentence: shared words, numbers and CJK bigrams, by rarity."""

import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from gateway.citations.rules.sentences import sentence_spans

SUPPORTED = 0.55
"""Evidence from which a sentence is marked on its words alone."""
UNDECIDED = 0.25
"""Below this, in the same language, not even the embedding is asked."""
CLEARLY_BETTER = 1.25
"""So much better another passage must be for a marker to move to it from the one its writer named.

Of 498 answer sentences of the documentation, mtrag and PubMedQA sets a right marker stays right in
.970 (1.0: .966) and a wrong one is put right in .958 (1.0: .966; never moved: .948).
"""
MINIMUM_TERMS = 2
SHORT_CLAIM_TERMS = 3
"""With fewer terms, a sentence is judged together with its question: `stable` alone is anywhere."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_STOPWORDS = frozenset(
    re.findall(
        r"\S+",
        "a an the and or but nor so if then than that this these those it its is are was were "
        "be been being am do does did done have has had of in on at to from by for with as "
        "into about over under up out off between within also only just very can could may "
        "might must shall should will would there here he she they them their his her you your "
        "we our i my me which who whom what when where how why yes no not ok okay sure "
        "according passage passages document documents text following based provided mentioned",
    )
)
_CJK_STOP = frozenset("的了是在和与或也就都而及着个们这那有为以于中上下其被把对等则但并且之所")
_NUMBER_WORDS = {
    word: str(value)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve",
        "零 一 二 三 四 五 六 七 八 九 十",
    )
    for value, word in enumerate(words.split())
} | {"两": "2", "once": "1", "twice": "2"}
_NEGATIONS = re.compile(
    r"\b(?:not|no|never|none|cannot|without|neither)\b|n['’]t\b"
    r"|不(?![同断斷仅僅但过過少错錯管论論])|[没沒勿]|未(?![来來])|[无無](?=[法需须須权權效])"
)
_NEGATION_PENALTY = 0.5
_WINDOW_SHARE = 0.6  # of the evidence that must sit in one or two neighbouring sentences
_LONGEST_QUOTE = 600


@dataclass(frozen=True)
class Terms:
    """What of a text is compared. numbers: those written in digits, without separators."""

    words: frozenset[str]
    numbers: frozenset[str]
    spelt_numbers: frozenset[str]
    is_negated: bool

    @property
    def all(self) -> frozenset[str]:
        """Words and numbers together."""
        return self.words | self.numbers

    @property
    def is_cjk(self) -> bool:
        """Mostly written in Chinese or Japanese characters."""
        wide = sum(1 for word in self.words if _CJK.match(word))
        return wide * 2 > len(self.words)


@dataclass(frozen=True)
class Span:
    """A quotable part `text[start:end]` of a passage: one sentence, or two in a row."""

    start: int
    end: int
    terms: Terms


@dataclass(frozen=True)
class Evidence:
    """How well passage number `passage` supports a sentence, and its best span."""

    passage: int
    span: Span
    score: float


@lru_cache(maxsize=2_048)
def terms_of(text: str) -> Terms:
    """The content of a text: light stems, CJK bigrams, numbers."""
    folded = unicodedata.normalize("NFKC", text).lower()
    words = {
        _stem(found) for found in _WORD.findall(_CJK.sub(" ", folded)) if found not in _STOPWORDS
    }
    spelt = {_NUMBER_WORDS[word] for word in _WORD.findall(folded) if word in _NUMBER_WORDS}
    for run in _CJK.findall(folded):
        words |= _bigrams(run)
        spelt |= {_NUMBER_WORDS[character] for character in run if character in _NUMBER_WORDS}
    numbers = {_plain_number(found) for found in _NUMBER.findall(folded)}
    return Terms(
        words=frozenset(words),
        numbers=frozenset(numbers),
        spelt_numbers=frozenset(spelt),
        is_negated=_NEGATIONS.search(folded) is not None,
    )


def negations_in(text: str) -> int:
    """How often a text says "not", in English and Chinese."""
    return len(_NEGATIONS.findall(unicodedata.normalize("NFKC", text).lower()))


def spans_of(text: str) -> list[Span]:
    """Every quotable span of a passage."""
    sentences = sentence_spans(text)
    pairs = [
        (first[0], second[1])
        for first, second in pairwise(sentences)
        if second[1] - first[0] <= _LONGEST_QUOTE
    ]
    return [Span(start, end, terms_of(text[start:end])) for start, end in sentences + pairs]


def rarity(passages: Sequence[Terms]) -> dict[str, float]:
    """Term -> weight: what stands in every candidate passage tells none of them apart."""
    counts: dict[str, int] = {}
    for terms in passages:
        for term in terms.all:
            counts[term] = counts.get(term, 0) + 1
    return {term: _weight(count, len(passages)) for term, count in counts.items()}


def evidence_in(
    sentence: Terms,
    passage: int,
    text: str,
    weights: Mapping[str, float],
    passage_count: int,
    required: frozenset[str] = frozenset(),
) -> Evidence | None:
    """The best span of one passage for a sentence; None: no number or no word of it is there.

    required: terms that a span must hold, whatever else it shares. They come with a sentence that
    was made from a question, of which a "not" says nothing.
    """
    whole = terms_of(text)
    if not numbers_agree(sentence, whole):
        return None
    unknown = _weight(1, passage_count)
    best: Evidence | None = None
    for span in spans_of(text):
        if not required <= span.terms.all | span.terms.spelt_numbers:
            continue
        score = _coverage(sentence, span.terms, weights, unknown)
        if not numbers_agree(sentence, span.terms):
            score *= 0.5  # the number stands elsewhere in the passage
        if _contradicts(sentence, span.terms, required):
            score *= _NEGATION_PENALTY
        # A longer quote has to earn its place.
        if best is None or score > best.score * (1.1 if _is_longer(span, best.span) else 1):
            best = Evidence(passage, span, score)
    if best is None or best.score == 0:
        return None
    around = _coverage(sentence, whole, weights, unknown)
    around *= _NEGATION_PENALTY if _contradicts(sentence, best.span.terms, required) else 1
    score = _WINDOW_SHARE * best.score + (1 - _WINDOW_SHARE) * around
    return Evidence(passage, best.span, score)


def standing(
    found: Sequence[Evidence], named: Sequence[Collection[int]], best: Evidence
) -> tuple[Evidence, ...]:
    """Where the markers of a supported sentence stand. named: for each marker its writer set, the
    passages that it may mean.

    A marker stays if one of them supports the sentence and no other passage does so clearly better;
    if none stays, the marker is the best's.
    """
    of_markers = [
        max((each for each in found if each.passage in meant), key=_score, default=None)
        for meant in named
    ]
    stay = {
        each.passage: each
        for each in of_markers
        if each is not None and each.score >= SUPPORTED and best.score < CLEARLY_BETTER * each.score
    }
    return tuple(sorted(stay.values(), key=_score, reverse=True)) or (best,)


def _score(evidence: Evidence) -> float:
    return evidence.score


def _contradicts(sentence: Terms, source: Terms, required: frozenset[str]) -> bool:
    return not required and sentence.is_negated != source.is_negated


def numbers_agree(sentence: Terms, source: Terms) -> bool:
    """Every number the sentence states is in the source, in digits or spelt out."""
    return sentence.numbers <= source.numbers | source.spelt_numbers


def is_claim(sentence: str, not_found_words: Sequence[str]) -> bool:
    """Whether a sentence states something that needs a source."""
    bare = sentence.strip().rstrip("*_\"'”’」』)）")
    if not bare or bare[-1] in ":：?？":
        return False
    if any(_same_words(sentence, words) for words in not_found_words):
        return False
    terms = terms_of(sentence)
    if len(terms.all) >= MINIMUM_TERMS:
        return True
    # `Paris.` and `42.` are answers; `Yes.` and `Of course.` are not.
    return any(len(term) >= 4 or term.isdigit() or _CJK.match(term) for term in terms.all)


def _same_words(sentence: str, words: str) -> bool:
    squeezed = [re.sub(r"\W+", "", text).lower() for text in (sentence, words)]
    return bool(squeezed[1]) and squeezed[1] in squeezed[0]


def _coverage(
    sentence: Terms, source: Terms, weights: Mapping[str, float], unknown: float
) -> float:
    total = found = 0.0
    shared = source.all | source.spelt_numbers
    for term in sentence.all:
        weight = weights.get(term, unknown) * (2 if term in sentence.numbers else 1)
        total += weight
        found += weight if term in shared else 0
    return found / total if total else 0.0


def _is_longer(span: Span, than: Span) -> bool:
    return span.end - span.start > than.end - than.start


def _weight(count: int, passage_count: int) -> float:
    return math.log(1 + (passage_count + 1) / (count + 0.5))


def _bigrams(run: str) -> set[str]:
    if len(run) == 1:
        return set() if run in _CJK_STOP else {run}
    pairs = {run[index : index + 2] for index in range(len(run) - 1)}
    return {pair for pair in pairs if not (pair[0] in _CJK_STOP and pair[1] in _CJK_STOP)}


def _plain_number(written: str) -> str:
    number = re.sub(r",(?=\d{3}\b)", "", written)
    return number.lstrip("0") or "0" if number.isdigit() else number


def _stem(word: str) -> str:
    """Plural, -ed and -ing off: enough to meet, never meant to be a word."""
    word = word.replace("’", "'").removesuffix("'s")
    for suffix, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(suffix) and len(word) >= least and not word.endswith("ss"):
            word = word.removesuffix(suffix) + ("y" if suffix == "ies" else "")
            break
    # `stopped` and `stop`, `make` and `making` meet after this.
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
