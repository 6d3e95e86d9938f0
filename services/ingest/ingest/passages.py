"""Splitting a document into passages: spans of its text that are found, read and quoted whole.

Every character that is not white space lies in exactly one span. A heading opens the span of its
section, where a reader would see it, and is repeated in the header, which is indexed but never
quoted. A span never runs across a heading or the end of a page; headings with nothing of their own
go with what follows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from contracts.jobs import PassageSpan
from ingest.headers import MAX_HEADER_TOKENS, Headers, is_empty_parent
from ingest.parsing.parsed import Parsed
from ingest.text_pieces import Piece, halves, paragraphs, sentences

TokenCounter = Callable[[list[str]], list[int]]

_SMALL_SHARE = 0.3  # a piece below this share of the target joins its neighbour
_OVERFULL_SHARE = 1.25  # as long as both together stay under this one
_COUNT_BATCH = 512


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    tokens: int


@dataclass(frozen=True)
class TokenRule:
    """How tokens are counted, how many a passage should have, and may have with its header."""

    count: TokenCounter
    target: int = 250
    limit: int = 500


def split(parsed: Parsed, rule: TokenRule) -> list[PassageSpan]:
    """The passages of a document, in order."""
    headers = Headers(parsed, rule.count)
    target = min(rule.target, rule.limit - MAX_HEADER_TOKENS)
    spans = [
        span
        for piece in _rooms(parsed)
        for span in _packed(_fitting(parsed.text, piece, rule.count, target), target)
    ]
    return [
        PassageSpan(
            index=index,
            start=span.start,
            end=span.end,
            page=headers.page_at(span.start),
            header=headers.at(span.start),
        )
        for index, span in enumerate(_within_limit(parsed.text, spans, headers, rule))
    ]


def _rooms(parsed: Parsed) -> Iterator[Piece]:
    """The stretches no passage may leave: a run of headings with the text under the last one.

    The end of a page ends one too, so that the page a citation names is the page of every word.
    """
    starts = [0, *(page.start for page in parsed.pages)]
    for before, section in zip([None, *parsed.sections], parsed.sections, strict=False):
        if before is None or not is_empty_parent(parsed.text, before, section):
            starts.append(section.start)
    starts.sort()
    for start, end in zip(starts, [*starts[1:], len(parsed.text)], strict=True):
        if parsed.text[start:end].strip():
            yield Piece(start, end)


def _fitting(text: str, room: Piece, count: TokenCounter, target: int) -> list[_Span]:
    """The room as spans of at most `target` tokens: paragraphs, else sentences, else halves."""
    fitting: list[_Span] = []
    for paragraph in _counted(text, paragraphs(text, room), count):
        if paragraph.tokens <= target:
            fitting.append(paragraph)
            continue
        parts = sentences(text, Piece(paragraph.start, paragraph.end))
        for sentence in _counted(text, parts, count):
            fitting.extend(_halved(text, sentence, count, target))
    return fitting


def _halved(text: str, span: _Span, count: TokenCounter, target: int) -> Iterator[_Span]:
    if span.tokens <= target or span.end - span.start == 1:
        yield span
        return
    for half in _counted(text, halves(text, Piece(span.start, span.end)), count):
        yield from _halved(text, half, count, target)


def _counted(text: str, pieces: Sequence[Piece], count: TokenCounter) -> list[_Span]:
    spans: list[_Span] = []
    for first in range(0, len(pieces), _COUNT_BATCH):
        batch = pieces[first : first + _COUNT_BATCH]
        tokens = count([text[piece.start : piece.end] for piece in batch])
        spans += [
            _Span(piece.start, piece.end, number)
            for piece, number in zip(batch, tokens, strict=True)
        ]
    return spans


def _packed(spans: Sequence[_Span], target: int) -> list[_Span]:
    """Neighbours put together up to the target; a heading or a small rest never stays alone."""
    packed: list[_Span] = []
    for span in spans:
        if packed and _belong_together(packed[-1], span, target):
            packed[-1] = _joined(packed[-1], span)
        else:
            packed.append(span)
    if len(packed) > 1 and packed[-1].tokens < _SMALL_SHARE * target:
        whole = _joined(packed[-2], packed[-1])
        if whole.tokens <= _OVERFULL_SHARE * target:
            packed[-2:] = [whole]
    return packed


def _belong_together(first: _Span, second: _Span, target: int) -> bool:
    bound = target * (_OVERFULL_SHARE if first.tokens < _SMALL_SHARE * target else 1)
    return first.tokens + second.tokens <= bound


def _joined(first: _Span, second: _Span) -> _Span:
    return _Span(first.start, second.end, first.tokens + second.tokens)


def _within_limit(
    text: str, spans: Sequence[_Span], headers: Headers, rule: TokenRule
) -> list[_Span]:
    """Counts add up only nearly: what is over the limit with its header is halved again."""
    final: list[_Span] = []
    for first in range(0, len(spans), _COUNT_BATCH):
        batch = spans[first : first + _COUNT_BATCH]
        texts = [f"{headers.at(span.start)}\n{text[span.start : span.end]}" for span in batch]
        tokens = rule.count(texts)
        for span, number in zip(batch, tokens, strict=True):
            if number <= rule.limit or span.end - span.start == 1:
                final.append(span)
            else:
                parts = _counted(text, halves(text, Piece(span.start, span.end)), rule.count)
                final.extend(_within_limit(text, parts, headers, rule))
    return final
