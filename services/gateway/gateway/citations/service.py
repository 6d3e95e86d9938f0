"""Adds markers to an answer while it streams, each with a verbatim quote."""

import logging
from collections.abc import Sequence

from contracts.chat import Annotation, FileCitation
from contracts.clients.retrieval import RetrievalClient
from contracts.errors import StoreError
from contracts.passages import EmbeddingRequest
from contracts.principal import Principal
from gateway.citations.rules.evidence import (
    SHORT_CLAIM_TERMS,
    SUPPORTED,
    UNDECIDED,
    Evidence,
    Span,
    Terms,
    evidence_in,
    is_claim,
    numbers_agree,
    rarity,
    spans_of,
    terms_of,
)
from gateway.citations.rules.markers import MarkerStripper
from gateway.citations.rules.sentences import Piece, SentenceSplitter
from gateway.citations.rules.silence import Silence, Verdict
from gateway.knowledge.rules import LoadedPassage

log = logging.getLogger(__name__)

SAME_MEANING = 0.87
SAME_MEANING_TRANSLATED = 0.83
"""Cosines from which one sentence says what the other says, in one language and across two.

Measured with multilingual-e5-small: .88 to .91 and .845 to .85 for the same statement, at most .80
for another one about the same things.
"""
_WIDE_FROM = "\u2e80"
_COMPARED_SPANS = 12


class CitationService:
    """Makes citing writers. Embeddings come from retrieval, words are compared here."""

    def __init__(self, retrieval: RetrievalClient) -> None:
        self._retrieval = retrieval

    def writer(
        self,
        principal: Principal,
        passages: Sequence[LoadedPassage],
        silence: Silence,
        question: str,
    ) -> "CitingWriter":
        """A writer for the answer to `question`, over the passages its prompt holds."""
        return CitingWriter(self._retrieval, principal, passages, silence, question)


class CitingWriter:
    """Takes the model's text as it comes, gives out text with markers.

    content and annotations grow as it goes; the offsets count code points of `content`.
    """

    def __init__(
        self,
        retrieval: RetrievalClient,
        principal: Principal,
        passages: Sequence[LoadedPassage],
        silence: Silence,
        question: str,
    ) -> None:
        self._retrieval = retrieval
        self._question = question
        self._principal = principal
        self._passages = passages
        self._silence = silence
        self._lead: list[Piece] | None = []  # the beginning, until it may be shown
        self.is_silent = False
        self._terms = [terms_of(passage.text) for passage in passages]
        self._weights = rarity(self._terms)
        self._vectors: dict[str, list[float]] = {}
        self._markers = MarkerStripper()
        self._sentences = SentenceSplitter()
        self._numbers: dict[str, int] = {}
        self.content = ""
        self.annotations: list[Annotation] = []

    async def write(self, text: str) -> str:
        """What may be shown after `text` came in."""
        return await self._shown(self._sentences.feed(self._markers.feed(text)), is_final=False)

    async def finish(self) -> str:
        """The rest of the answer."""
        pieces = self._sentences.feed(self._markers.finish())
        return await self._shown([*pieces, *self._sentences.finish()], is_final=True)

    async def _shown(self, pieces: Sequence[Piece], *, is_final: bool) -> str:
        if self.is_silent:
            return ""
        if self._lead is not None:
            self._lead.extend(pieces)
            verdict = self._verdict(self._lead, is_final=is_final)
            if verdict is Verdict.WAIT:
                return ""
            pieces, self._lead = self._lead, None
            if verdict is Verdict.SILENT:
                self.is_silent, self.content = True, self._silence.shown
                return self.content
        return await self._cited(pieces)

    def _verdict(self, lead: Sequence[Piece], *, is_final: bool) -> Verdict:
        """Whether the answer may begin to be shown, or says that the documents are silent."""
        verdict = self._silence.verdict("".join(piece.text for piece in lead), is_final=is_final)
        if verdict is not Verdict.SHOW or not self._silence.is_strict:
            return verdict
        claim = next((each.sentence for each in lead if self._is_claim(each.sentence)), None)
        if claim is None:
            return Verdict.SHOW if is_final else Verdict.WAIT
        return Verdict.SHOW if self._could_come_from_passages(claim) else Verdict.SILENT

    def _could_come_from_passages(self, claim: str) -> bool:
        stated = terms_of(claim)
        if not any(numbers_agree(stated, each) for each in self._terms):
            return False  # a number is a number in every language
        claim, required = self._judged(claim)
        terms = terms_of(claim)
        if any(each.is_cjk != terms.is_cjk for each in self._terms):
            return True  # words prove nothing across languages
        best = self._best_by_words(terms, required)
        return best is not None and best.score >= UNDECIDED

    def _is_claim(self, sentence: str | None) -> bool:
        return sentence is not None and is_claim(sentence, self._silence.words)

    async def _cited(self, pieces: Sequence[Piece]) -> str:
        start = len(self.content)
        for piece in pieces:
            self.content += piece.text
            if piece.sentence is not None and self._is_claim(piece.sentence):
                evidence = await self._evidence(piece.sentence)
                if evidence is not None:
                    self._mark(evidence)
        return self.content[start:]

    def _mark(self, evidence: Evidence) -> None:
        passage = self._passages[evidence.passage]
        number = self._numbers.setdefault(passage.passage_id, len(self._numbers) + 1)
        # A full-width stop brings its own blank.
        self.content += "" if self.content[-1:] >= _WIDE_FROM else " "
        marker, start = f"[{number}]", len(self.content)
        self.content += marker
        self.annotations.append(
            Annotation(
                index=number,
                start_index=start,
                end_index=start + len(marker),
                file_citation=_citation(passage, evidence.span),
            )
        )

    async def _evidence(self, sentence: str) -> Evidence | None:
        sentence, required = self._judged(sentence)
        terms = terms_of(sentence)
        best = self._best_by_words(terms, required)
        if best is not None and best.score >= SUPPORTED:
            return best
        compared = self._worth_comparing(terms, best)
        return await self._same_meaning(sentence, compared) if compared else None

    def _judged(self, sentence: str) -> tuple[str, frozenset[str]]:
        """What is looked for, and which terms of it must be found: a short claim needs both its
        question's company and every word of its own."""
        terms = terms_of(sentence).all
        if len(terms) >= SHORT_CLAIM_TERMS:
            return sentence, frozenset()
        return f"{self._question} {sentence}", terms

    def _best_by_words(self, terms: Terms, required: frozenset[str]) -> Evidence | None:
        found = [
            evidence
            for number, passage in enumerate(self._passages)
            if (evidence := self._in_passage(terms, number, passage, required)) is not None
        ]
        return max(found, key=lambda evidence: evidence.score, default=None)

    def _in_passage(
        self, terms: Terms, number: int, passage: LoadedPassage, required: frozenset[str]
    ) -> Evidence | None:
        count = len(self._passages)
        return evidence_in(terms, number, passage.text, self._weights, count, required)

    def _worth_comparing(self, sentence: Terms, best: Evidence | None) -> list[Evidence]:
        """Spans whose meaning may decide: words were not enough, or are of another language."""
        numbers = {
            number
            for number, terms in enumerate(self._terms)
            if terms.is_cjk != sentence.is_cjk and numbers_agree(sentence, terms)
        }
        if best is not None and best.score >= UNDECIDED:
            numbers.add(best.passage)
        spans = [
            Evidence(number, span, 0)
            for number in sorted(numbers)
            for span in spans_of(self._passages[number].text)
            if numbers_agree(sentence, span.terms)
        ]
        return spans[:_COMPARED_SPANS]

    async def _same_meaning(self, sentence: str, compared: Sequence[Evidence]) -> Evidence | None:
        texts = [self._text(evidence) for evidence in compared]
        try:
            vectors = await self._embedded([sentence, *texts])
        except StoreError as error:
            # An answer without a marker is right, only poorer.
            log.warning("no embedding for a citation: %s", error.code)
            return None
        scores = [_cosine(vectors[0], vector) for vector in vectors[1:]]
        best = max(range(len(scores)), key=scores.__getitem__)
        is_translated = compared[best].span.terms.is_cjk != terms_of(sentence).is_cjk
        enough = SAME_MEANING_TRANSLATED if is_translated else SAME_MEANING
        return compared[best] if scores[best] >= enough else None

    async def _embedded(self, texts: Sequence[str]) -> list[list[float]]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            # Both sides are statements, so both get the prefix of passages.
            request = EmbeddingRequest(texts=missing, kind="passage")
            result = await self._retrieval.embed(self._principal, request)
            self._vectors.update(zip(missing, result.vectors, strict=True))
        return [self._vectors[text] for text in texts]

    def _text(self, evidence: Evidence) -> str:
        span = evidence.span
        return self._passages[evidence.passage].text[span.start : span.end]


def _citation(passage: LoadedPassage, span: Span) -> FileCitation:
    return FileCitation(
        file_id=passage.file_id,
        filename=passage.filename,
        source_url=passage.source_url,
        passage_id=passage.passage_id,
        document_version=passage.document_version,
        page=passage.page,
        start=passage.start + span.start,
        end=passage.start + span.end,
        quote=passage.text[span.start : span.end],
    )


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))
