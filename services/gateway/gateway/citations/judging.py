"""Whether the passages support a sentence, and where: by words, and by meaning where words fail."""

import logging
from collections.abc import Collection, Sequence

from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import EmbeddingRequest
from contracts.principal import Principal
from gateway.charges import Embedded
from gateway.citations.rules.evidence import (
    SHORT_CLAIM_TERMS,
    SUPPORTED,
    UNDECIDED,
    Evidence,
    Terms,
    evidence_in,
    numbers_agree,
    rarity,
    spans_of,
    standing,
    terms_of,
)
from gateway.citations.rules.meaning import (
    FLAGS_NOTHING,
    UNSUPPORTED,
    Judgement,
    Likeness,
    by_meaning,
)
from gateway.knowledge.rules import LoadedPassage

log = logging.getLogger(__name__)

_COMPARED_SPANS = 48


class Judge:
    """Judges the sentences of one answer by the passages its prompt held."""

    def __init__(
        self,
        retrieval: RetrievalClient,
        principal: Principal,
        passages: Sequence[LoadedPassage],
        question: str,
    ) -> None:
        self._retrieval = retrieval
        self._principal = principal
        self._passages = passages
        self._question = question
        self._terms = [terms_of(passage.text) for passage in passages]
        self._weights = rarity(self._terms)
        self._vectors: dict[str, list[float]] = {}
        self._model_id = ""
        self._read_tokens = 0

    @property
    def embedded(self) -> Embedded:
        """What the embedding model was asked so far."""
        return Embedded(self._model_id, self._read_tokens)

    async def judge(self, sentence: str, named: Sequence[Collection[int]] = ()) -> Judgement:
        """What supports the sentence. named: for each marker its writer set, what it may mean."""
        sought, required = self._sought(sentence)
        terms = terms_of(sought)
        found = self._by_words(terms, required)
        best = max(found, key=lambda evidence: evidence.score, default=None)
        if best is not None and best.score >= SUPPORTED:
            return Judgement(standing(found, named, best))
        if not self._holds_numbers_of(sentence):
            return Judgement(is_unsupported=True)
        nearest = await self._nearest_spans(sought, terms, found)
        if nearest is None:
            return Judgement()
        floor = UNSUPPORTED.get(self._model_id, FLAGS_NOTHING)
        # A word or two are too little to say that nothing supports them.
        return by_meaning(nearest, found, FLAGS_NOTHING if required else floor)

    def could_support(self, claim: str) -> bool:
        """Whether a claim may have come from the passages, by what costs nothing to look at."""
        if not self._holds_numbers_of(claim):
            return False
        sought, required = self._sought(claim)
        terms = terms_of(sought)
        if any(each.is_cjk != terms.is_cjk for each in self._terms):
            return True  # words prove nothing across languages
        return any(each.score >= UNDECIDED for each in self._by_words(terms, required))

    def _holds_numbers_of(self, sentence: str) -> bool:
        """Whether a passage states its numbers. A number is a number in every language."""
        stated = terms_of(sentence)
        return any(numbers_agree(stated, each) for each in self._terms)

    def _sought(self, sentence: str) -> tuple[str, frozenset[str]]:
        """What is looked for, and which terms of it must be found: a short claim needs both its
        question's company and every word of its own."""
        terms = terms_of(sentence).all
        if len(terms) >= SHORT_CLAIM_TERMS:
            return sentence, frozenset()
        return f"{self._question} {sentence}", terms

    def _by_words(self, terms: Terms, required: frozenset[str]) -> list[Evidence]:
        count = len(self._passages)
        found = (
            evidence_in(terms, number, passage.text, self._weights, count, required)
            for number, passage in enumerate(self._passages)
        )
        return [evidence for evidence in found if evidence is not None]

    async def _nearest_spans(
        self, sought: str, terms: Terms, found: Sequence[Evidence]
    ) -> list[Likeness] | None:
        """The spans whose meaning may decide, and how near each is. None: nobody can tell now."""
        spans = self._worth_comparing(terms, found)
        if not spans:
            return []
        try:
            vectors = await self._embedded([sought, *(self._text(span) for span in spans)])
        except StoreError as error:
            # An answer without a marker is right, only poorer.
            log.warning("no embedding for a citation: %s", error.code)
            return None
        return [
            Likeness(span, _cosine(vectors[0], vector), span.span.terms.is_cjk != terms.is_cjk)
            for span, vector in zip(spans, vectors[1:], strict=True)
        ]

    def _worth_comparing(self, sought: Terms, found: Sequence[Evidence]) -> list[Evidence]:
        """The quotable spans, those of the passages with most of the words first."""
        score = {evidence.passage: evidence.score for evidence in found}
        numbers = sorted(range(len(self._passages)), key=lambda number: -score.get(number, 0))
        spans = [
            Evidence(number, span, 0)
            for number in numbers
            for span in spans_of(self._passages[number].text)
            if numbers_agree(sought, span.terms)
        ]
        return spans[:_COMPARED_SPANS]

    async def _embedded(self, texts: Sequence[str]) -> list[list[float]]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            # Both sides are statements, so both get the prefix of passages.
            request = EmbeddingRequest(texts=missing, kind="passage")
            result = await self._retrieval.embed(self._principal, request)
            self._model_id = result.stamp.model_id
            self._read_tokens += result.tokens
            self._vectors.update(zip(missing, result.vectors, strict=True))
        return [self._vectors[text] for text in texts]

    def _text(self, evidence: Evidence) -> str:
        span = evidence.span
        return self._passages[evidence.passage].text[span.start : span.end]


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))
