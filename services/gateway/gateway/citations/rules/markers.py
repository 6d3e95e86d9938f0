"""Takes the citation markers a model wrote by itself out of its text, while it streams by.

What they said is kept for the citing writer, which sets every marker that is shown.
"""

import re
from dataclasses import dataclass

# `[1]`, `[1, 2]`, `[^1]`, `【1】`, `【4†source】`: never `[1](link)`, never years such as `[2023]`.
_MARKER = re.compile(
    r"\[\^?\d{1,2}(?:\s*[,，、]\s*\d{1,2})*\](?!\()|【\d{1,2}(?:[:†][^】\n]{0,40})?】"
)
_OPENERS = {"[": "]", "【": "】"}
_LONGEST = 60
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class WrittenMarker:
    """A marker a model wrote. end: of the text before it, markers not counted."""

    end: int
    numbers: tuple[int, ...]


class MarkerStripper:
    """Feed it text in any pieces: what comes out is the same. Code keeps its brackets.

    written: the markers taken out so far, in order.
    """

    def __init__(self) -> None:
        self.written: list[WrittenMarker] = []
        self._passed = 0  # characters that came out
        self._held = ""
        self._is_inline_code = False
        self._is_fence = False
        self._is_line_start = True

    def feed(self, text: str) -> str:
        """The part of the text so far that is decided."""
        return self._take(text, is_final=False)

    def finish(self) -> str:
        """The rest."""
        return self._take("", is_final=True)

    def _take(self, text: str, *, is_final: bool) -> str:
        buffer, done = self._held + text, []
        position = 0
        while position < len(buffer):
            end, kept = self._step(buffer, position, is_final=is_final)
            if end is None:
                break
            done.append(kept)
            position = end
        self._held = buffer[position:]
        return "".join(done)

    def _step(self, buffer: str, start: int, *, is_final: bool) -> tuple[int | None, str]:
        """(where the next step starts, text let through); None: more text is needed."""
        character = buffer[start]
        if character == "`":
            return self._backticks(buffer, start, is_final=is_final)
        if self._is_fence or self._is_inline_code:
            return self._plain(buffer, start, start + 1)
        if character in " \t":
            return self._blanks(buffer, start, is_final=is_final)
        if character in _OPENERS:
            return self._bracket(buffer, start, start, is_final=is_final)
        return self._plain(buffer, start, start + 1)

    def _plain(self, buffer: str, start: int, end: int) -> tuple[int, str]:
        text = buffer[start:end]
        self._passed += len(text)
        if text.endswith("\n"):
            self._is_line_start, self._is_inline_code = True, False
        elif text.strip():
            self._is_line_start = False
        return end, text

    def _backticks(self, buffer: str, start: int, *, is_final: bool) -> tuple[int | None, str]:
        end = start
        while end < len(buffer) and buffer[end] == "`":
            end += 1
        if end == len(buffer) and not is_final:
            return None, ""
        if end - start >= 3 and self._is_line_start:
            self._is_fence = not self._is_fence
        elif not self._is_fence:
            self._is_inline_code = not self._is_inline_code
        return self._plain(buffer, start, end)

    def _blanks(self, buffer: str, start: int, *, is_final: bool) -> tuple[int | None, str]:
        end = start
        while end < len(buffer) and buffer[end] in " \t":
            end += 1
        if end == len(buffer):
            # A marker may follow, and would take these blanks with it.
            return self._plain(buffer, start, end) if is_final else (None, "")
        if buffer[end] in _OPENERS and not self._is_line_start:
            return self._bracket(buffer, start, end, is_final=is_final)
        return self._plain(buffer, start, end)

    def _bracket(
        self, buffer: str, start: int, opener: int, *, is_final: bool
    ) -> tuple[int | None, str]:
        window = buffer[opener : opener + _LONGEST]
        close = window.find(_OPENERS[buffer[opener]])
        is_undecided = close < 0 and "\n" not in window and len(window) < _LONGEST
        # One character more tells a marker from a link.
        is_undecided = is_undecided or close == len(window) - 1
        if is_undecided and not is_final:
            return None, ""
        found = _MARKER.match(buffer, opener)
        if found is None:
            return self._plain(buffer, start, opener + 1)
        self.written.append(WrittenMarker(self._passed, _numbers(found.group())))
        return found.end(), ""


def _numbers(marker: str) -> tuple[int, ...]:
    # `【4†handbook 2024】` names its passage before the dagger.
    return tuple(int(found) for found in _NUMBER.findall(re.split("[:†]", marker)[0]))
