"""Adds markers to an answer while it streams, each with a verbatim quote."""

from collections.abc import Sequence
from itertools import accumulate

from contracts.chat import Annotation, FileCitation, TextSpan
from contracts.clients.retrieval import RetrievalClient
from contracts.principal import Principal
from gateway.charges import Embedded
from gateway.citations.judging import Judge
from gateway.citations.rules.evidence import Evidence, Span, is_claim
from gateway.citations.rules.markers import MarkerStripper
from gateway.citations.rules.sentences import Piece, SentenceSplitter
from gateway.citations.rules.silence import Silence, Verdict
from gateway.knowledge.rules import LoadedPassage

_WIDE_FROM = "\u2e80"


class CitationService:
    """Makes citing writers. Embeddings come from retrieval, words are compared here."""

    def __init__(self, retrieval: RetrievalClient) -> None:
        self._retrieval = retrieval

    def writer(
        self,
        principal: Principal,
        blocks: Sequence[Sequence[LoadedPassage]],
        silence: Silence,
        question: str,
    ) -> "CitingWriter":
        """A writer for the answer to `question`, over the passages as its prompt numbers them."""
        return CitingWriter(self._retrieval, principal, blocks, silence, question)


class CitingWriter:
    """Takes the model's text as it comes, gives out text with markers.

    content and annotations grow as it goes; the offsets count code points of `content`.
    """

    def __init__(
        self,
        retrieval: RetrievalClient,
        principal: Principal,
        blocks: Sequence[Sequence[LoadedPassage]],
        silence: Silence,
        question: str,
    ) -> None:
        self._passages = [passage for block in blocks for passage in block]
        self._meant = _meant_by(blocks)
        self._judge = Judge(retrieval, principal, self._passages, question)
        self._silence = silence
        self._lead: list[Piece] | None = []  # the beginning, until it may be shown
        self.is_silent = False
        self._markers = MarkerStripper()
        self._read = 0  # characters of the model's text, its markers not counted
        self._unread_markers = 0
        self._sentences = SentenceSplitter()
        self._numbers: dict[str, int] = {}
        self.content = ""
        self.annotations: list[Annotation] = []
        self.unsupported: list[TextSpan] = []

    @property
    def embedded(self) -> Embedded:
        """What finding the sources took."""
        return self._judge.embedded

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
        return Verdict.SHOW if self._judge.could_support(claim) else Verdict.SILENT

    def _is_claim(self, sentence: str | None) -> bool:
        return sentence is not None and is_claim(sentence, self._silence.words)

    async def _cited(self, pieces: Sequence[Piece]) -> str:
        start = len(self.content)
        for piece in pieces:
            self.content += piece.text
            self._read += len(piece.text)
            if piece.sentence is not None:
                named = self._named_so_far()
                if self._is_claim(piece.sentence):
                    await self._judged(piece.sentence, named)
        return self.content[start:]

    def _named_so_far(self) -> list[range]:
        """For each marker of the sentence just read the passages that it may mean."""
        written, passed = self._markers.written, self._unread_markers
        while passed < len(written) and written[passed].end <= self._read:
            passed += 1
        markers, self._unread_markers = written[self._unread_markers : passed], passed
        numbers = [number for marker in markers for number in marker.numbers]
        return [self._meant[number] for number in numbers if number in self._meant]

    async def _judged(self, sentence: str, named: Sequence[range]) -> None:
        judgement = await self._judge.judge(sentence, named)
        if judgement.is_unsupported:
            end = len(self.content)
            self.unsupported.append(TextSpan(start_index=end - len(sentence), end_index=end))
        for evidence in judgement.evidence:
            self._mark(evidence)

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


def _meant_by(blocks: Sequence[Sequence[LoadedPassage]]) -> dict[int, range]:
    """The number of each block in the prompt -> the places of its passages."""
    ends = list(accumulate(len(block) for block in blocks))
    return {
        number: range(end - len(block), end)
        for number, (block, end) in enumerate(zip(blocks, ends, strict=True), 1)
    }


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
