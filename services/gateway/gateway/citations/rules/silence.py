"""How an answer says that the documents are silent, and how that is noticed while it streams."""

import re
from dataclasses import dataclass
from enum import Enum, auto

_NOT_LETTERS = re.compile(r"\W+")


class Verdict(Enum):
    """What to do with the beginning of an answer."""

    WAIT = auto()
    SHOW = auto()
    SILENT = auto()


@dataclass(frozen=True)
class Silence:
    """The wordings of "not found". shown: the one for this question, in its language.

    is_strict: the model is too small to be trusted with the rule, so its first claim must have
    something in common with the passages before any of it is shown. ends_answer: the words are the
    whole answer; otherwise the model goes on from its own knowledge.
    """

    words: tuple[str, ...]
    shown: str
    is_strict: bool = False
    ends_answer: bool = True

    def verdict(self, beginning: str, *, is_final: bool) -> Verdict:
        """Whether an answer that begins so is one of the wordings, may become one, or is not."""
        if not self.ends_answer:
            return Verdict.SHOW
        said = _letters(beginning)
        known = [_letters(words) for words in self.words]
        if any(words and said.startswith(words) for words in known):
            return Verdict.SILENT
        may_become = any(words.startswith(said) for words in known)
        return Verdict.WAIT if may_become and not is_final else Verdict.SHOW


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).lower()
