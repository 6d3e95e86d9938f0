"""Sentences of other services that are known here, with gaps, said in the reader's language."""

import re
from collections.abc import Iterable

from web.languages import Language

_GAP = re.compile(r"%\\\((\w+)\\\)s")


class KnownSentences:
    """Message ids with gaps, as `%(number)s`."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._patterns = [
            (re.compile(_GAP.sub(r"(?P<\1>.{1,100})", re.escape(each))), each) for each in sentences
        ]

    def translated(self, language: Language, message: str) -> str | None:
        """The message in the reader's language; None for one that is not known."""
        for pattern, known in self._patterns:
            found = pattern.fullmatch(message)
            if found is not None:
                return language.gettext(known) % found.groupdict()
        return None
