"""Finds sentences: in an answer while it streams, and in the text of a passage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_WIDE_ENDS = "。！？；"
_NARROW_ENDS = ".!?"
_CLOSERS = "\"'”’」』）)]】》*_"
_RUN = re.compile(rf"[{_WIDE_ENDS}{_NARROW_ENDS}]+[{re.escape(_CLOSERS)}]*")
_BLANKS = re.compile(r"[ \t]*")
_LONGEST_WORD = 60  # of those that decide whether a stop ends a sentence
_LAST_WORD = re.compile(r"[^\s(\[“\"'*_]+$")
_INITIALS = re.compile(r"^(?:[^\W\d_]\.)*[^\W\d_]$")
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "mr mrs ms dr prof st jr sr vs etc e.g i.e eg ie cf al approx dept est ext inc ltd co corp "
        "min max avg fig figs eq sec ch vol pp ed eds jan feb mar apr jun jul aug sep sept oct nov "
        "dec resp ca incl excl ref refs vgl",
    )
)
_BEFORE_NUMBERS = frozenset({"no", "nos", "p", "art", "fig", "sec"})
_HEAD_LENGTH = 8  # enough to tell every opening of a line from the others
_FENCE = re.compile(r"```|~~~")
_VERBATIM = re.compile(r"#{1,6}(?:\s|$)|\||([-*_=])\1{2,}\s*$")
_ITEM = re.compile(r"(?:[-*+•]\s+|\d{1,3}[.)]\s+|\d{1,3}、|>\s?)+")
_PARAGRAPH_END = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+•]\s|\d{1,3}[.)]\s|#{1,6}\s|\|))")


@dataclass(frozen=True)
class Piece:
    """Text that may be shown now. sentence: the whole sentence that ends with this piece."""

    text: str
    sentence: str | None = None


class _Line(Enum):
    START = auto()
    PROSE = auto()
    VERBATIM = auto()


class SentenceSplitter:
    """Feed it text in any pieces: the joined text and the sentences come out the same.

    Code fences, headings and table rows go through without sentences, because nothing in them may
    be marked. Only the few characters that decide about a boundary are held back.
    """

    def __init__(self) -> None:
        self._buffer = ""  # the current sentence and what follows it
        self._shown = 0  # so much of the buffer has been handed out
        self._scanned = 0  # so much of the buffer holds no boundary
        self._line = _Line.START
        self._fence = ""
        self._is_code = False

    def feed(self, text: str) -> list[Piece]:
        """What is decided so far."""
        self._buffer += text
        return [piece for piece in self._pieces(is_final=False) if piece.text or piece.sentence]

    def finish(self) -> list[Piece]:
        """The rest; the text ends here."""
        return [piece for piece in self._pieces(is_final=True) if piece.text or piece.sentence]

    def _pieces(self, *, is_final: bool) -> Iterator[Piece]:
        while self._buffer:
            before = (len(self._buffer), self._line)
            if self._line is _Line.START:
                yield from self._open_line(is_final=is_final)
            elif self._line is _Line.VERBATIM:
                yield from self._copy_line()
            else:
                yield from self._read_prose(is_final=is_final)
            if (len(self._buffer), self._line) == before:
                return

    def _open_line(self, *, is_final: bool) -> Iterator[Piece]:
        indent = len(self._buffer) - len(self._buffer.lstrip(" \t"))
        head = self._buffer[indent : indent + _HEAD_LENGTH]
        if len(head) < _HEAD_LENGTH and "\n" not in head and not is_final:
            return
        head = head.partition("\n")[0]
        fence = _FENCE.match(head)
        if fence is not None and self._fence in ("", fence.group()):
            self._fence = "" if self._fence else fence.group()
            self._line = _Line.VERBATIM
        elif self._fence or not head or _VERBATIM.match(head):
            self._line = _Line.VERBATIM
        else:
            self._line = _Line.PROSE
            item = _ITEM.match(head)
            if item is not None:
                yield self._cut(indent + item.end())

    def _copy_line(self) -> Iterator[Piece]:
        newline = self._buffer.find("\n")
        if newline >= 0:
            self._line = _Line.START
        yield self._cut(len(self._buffer) if newline < 0 else newline + 1)

    def _read_prose(self, *, is_final: bool) -> Iterator[Piece]:
        for position in range(self._scanned, len(self._buffer)):
            character = self._buffer[position]
            if character == "\n":
                yield from self._end_line(position)
                return
            if character == "`":
                self._is_code = not self._is_code
            elif not self._is_code and character in _WIDE_ENDS + _NARROW_ENDS:
                end = _boundary(self._buffer, position, is_final=is_final)
                if end is None:
                    self._scanned = position
                    yield self._show(position)
                    return
                if end > position:
                    yield self._cut(end, is_sentence=True)
                    return
        self._scanned = len(self._buffer)
        if is_final:
            yield self._cut(len(self._buffer.rstrip()), is_sentence=True)
            yield self._cut(len(self._buffer))
        else:
            # Blanks wait: at the end of a line the marker goes before them.
            yield self._show(len(self._buffer.rstrip()))

    def _end_line(self, newline: int) -> Iterator[Piece]:
        end = len(self._buffer[:newline].rstrip())
        yield self._cut(end, is_sentence=True)
        yield self._cut(newline - end + 1)
        self._line, self._is_code = _Line.START, False

    def _show(self, end: int) -> Piece:
        text = self._buffer[self._shown : end]
        self._shown = max(self._shown, end)
        return Piece(text)

    def _cut(self, end: int, *, is_sentence: bool = False) -> Piece:
        sentence = self._buffer[:end].strip() if is_sentence else ""
        piece = Piece(self._buffer[self._shown : end], sentence or None)
        self._buffer = self._buffer[end:]
        self._shown = max(0, self._shown - end)
        self._scanned = 0
        return piece


def _boundary(text: str, position: int, *, is_final: bool) -> int | None:
    """Where the sentence with a terminator at `position` ends; `position` itself: it goes on.

    None: the text after it decides, and is not there yet.
    """
    run = _RUN.match(text, position)
    end = position + 1 if run is None else run.end()
    if end == len(text):
        return end if is_final else None
    if any(character in _WIDE_ENDS for character in text[position:end]):
        return end
    if not text[end].isspace():
        return end if _is_wide(text[end]) else position
    blanks = _BLANKS.match(text, end)
    after = end if blanks is None else blanks.end()
    following = text[after : after + 1]
    if not following:
        return end if is_final else None
    if following == "\n":
        return end
    before = text[max(0, position - _LONGEST_WORD) : position]
    return position if _goes_on(before, text[position:end], following) else end


def _goes_on(before: str, run: str, following: str) -> bool:
    """Whether a stop and a blank do not end the sentence: `e.g. this`, `Dr. Who`, `No. 5`."""
    if following.islower():
        return True
    if run[0] != "." or run.startswith(".."):
        return False
    found = _LAST_WORD.search(before)
    word = found.group().lower() if found else ""
    if word in _BEFORE_NUMBERS:
        return following.isdigit()
    return word in _ABBREVIATIONS or bool(_INITIALS.match(word))


def _is_wide(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef"


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of a passage. Lines may be broken anywhere inside one."""
    spans: list[tuple[int, int]] = []
    start = 0
    paragraph_ends = {found.start() for found in _PARAGRAPH_END.finditer(text)}
    unbroken = text.replace("\n", " ")  # in a broken line the newline says nothing
    position = 0
    while position < len(text):
        end = position
        if position in paragraph_ends:
            end = position + 1
        elif text[position] in _WIDE_ENDS + _NARROW_ENDS:
            end = _boundary(unbroken, position, is_final=True) or position
        if end > position:
            spans.append((start, end))
            start = end
        position = max(position + 1, end)
    spans.append((start, len(text)))
    trimmed = [_trimmed(text, first, last) for first, last in spans]
    return [(first, last) for first, last in trimmed if first < last]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
