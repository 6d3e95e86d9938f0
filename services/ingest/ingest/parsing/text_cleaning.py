"""The only changes made to stored text: line ends, control characters, broken surrogates.

No Unicode normalisation: NFKC would change all Chinese punctuation, and a quote must stay verbatim.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

MAX_TITLE_CHARACTERS = 200

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Surrogates cannot be stored as UTF-8; U+FFFE and U+FFFF are no characters.
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_NO_CHARACTER = re.compile(_UNSTORABLE.pattern + "|\ufeff")
_MANY_EMPTY_LINES = re.compile("\n{3,}")


def cleaned(text: str) -> str:
    """`text` with one kind of line end and without what no reader sees."""
    return _UNSTORABLE.sub("", _LINE_ENDS.sub("\n", text)).replace("\ufeff", "")


def unstorable(text: str) -> Iterator[tuple[int, int]]:
    """Where `text` holds what `cleaned` takes out, line ends apart."""
    yield from (found.span() for found in _NO_CHARACTER.finditer(text))


def tidied(text: str) -> str:
    """Cleaned, without blanks at line ends and with one empty line at most between paragraphs."""
    # Not a regex: `[ ]+$` takes quadratic time on a long run of blanks.
    lines = "\n".join(line.rstrip() for line in cleaned(text).split("\n"))
    return _MANY_EMPTY_LINES.sub("\n\n", lines).strip("\n")


def one_line(text: str) -> str:
    """A title or heading: cleaned, runs of white space as one space."""
    return " ".join(cleaned(text).split())


def title_of(*candidates: str | None, filename: str) -> str:
    """The first candidate with something in it, else the file's name without its ending."""
    # A name is only ever a label: whatever looks like a path in it is dropped.
    label = PurePosixPath(one_line(filename).replace("\\", "/")).name
    stem = label.rpartition(".")[0] or label or "Untitled"
    found = next((line for line in map(one_line, filter(None, candidates)) if line), stem)
    return found[:MAX_TITLE_CHARACTERS]


def is_wide(character: str) -> bool:
    """Chinese, Japanese, Korean: written without spaces between words."""
    return unicodedata.east_asian_width(character) in "WF"


def joint(before: str, after: str) -> str:
    """What stands for a line break inside a paragraph: nothing between Chinese, else a space."""
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    return "" if is_wide(before[-1]) and is_wide(after[0]) else " "
