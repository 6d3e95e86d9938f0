"""What of an assistant's definition has a shape of its own: category, tags, variables, reading."""

import math
import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

MOST_TAGS = 8
MOST_VARIABLES = 12
VALUE_CHARACTERS = 500
BUILT_IN = ("today", "user.name")
"""Variables that every assistant has: the day, and the name of whoever asks."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,30})(?:\.\d{1,30})?")


class Category(StrEnum):
    """What an assistant is for."""

    WRITING = "writing"
    RESEARCH = "research"
    LEARNING = "learning"
    WORK = "work"
    PROGRAMMING = "programming"
    DATA = "data"
    SUPPORT = "support"
    POLICIES = "policies"
    HEALTH = "health"
    EVERYDAY = "everyday"


class AnswerLanguage(StrEnum):
    """In which language an assistant answers."""

    SAME_AS_QUESTION = "same_as_question"
    ENGLISH = "en"
    CHINESE = "zh"


class Accent(StrEnum):
    """The colour of an assistant's own page: one of those that can be read in both themes."""

    TERRACOTTA = "terracotta"
    OLIVE = "olive"
    SLATE = "slate"
    OCHRE = "ochre"
    PLUM = "plum"


class ReadingAmount(StrEnum):
    """How much of its documents an assistant reads for one answer.

    normal: the installation's budget of tokens. short: half of it. long: twice as much, up to a
    third of the model's context window.
    """

    SHORT = "short"
    NORMAL = "normal"
    LONG = "long"


class Strictness(StrEnum):
    """How near to the question a passage must be to be read."""

    LOOSE = "loose"
    NORMAL = "normal"
    STRICT = "strict"


class RetrievalSettings(BaseModel):
    """How an assistant searches its documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: ReadingAmount = ReadingAmount.NORMAL
    strictness: Strictness = Strictness.NORMAL


def _normalised(tags: list[str]) -> list[str]:
    """Lower case, single blanks, each once, in the order given."""
    plain = [" ".join(unicodedata.normalize("NFKC", tag).lower().split()) for tag in tags]
    return list(dict.fromkeys(tag for tag in plain if tag))


Tag = Annotated[str, StringConstraints(max_length=30)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(_normalised)]
Choice = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
VariableValues = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=32)],
        Annotated[str, StringConstraints(max_length=VALUE_CHARACTERS)],
    ],
    Field(max_length=MOST_VARIABLES),
]
"""Variable's name -> its value as text."""


class VariableKind(StrEnum):
    """What a variable's value is."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"


class Variable(BaseModel):
    """Something asked for at the start of a chat, and put where the instructions say {{name}}.

    label: what people are asked; empty: the name. default: what stands there when nothing is
    given. choices: of the kind choice, what there is to choose from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: VariableName
    label: str = Field(default="", max_length=80)
    kind: VariableKind = VariableKind.TEXT
    required: bool = False
    default: str = Field(default="", max_length=VALUE_CHARACTERS)
    choices: list[Choice] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.name in ("today", "user"):
            raise ValueError(f"{self.name} is always there and cannot be defined")
        if (self.kind is VariableKind.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to the kind choice, which needs some")
        if self.default and not self.accepts(self.default):
            raise ValueError("the default is not a value of this kind")
        return self

    def accepts(self, value: str) -> bool:
        """Whether a text is a value of this kind; empty is none."""
        match self.kind:
            case VariableKind.TEXT:
                return bool(value.strip())
            case VariableKind.CHOICE:
                return value in self.choices
            case VariableKind.NUMBER:
                return bool(_NUMBER.fullmatch(value)) and math.isfinite(float(value))
            case VariableKind.DATE:
                return _is_date(value)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _each_once(variables: list[Variable]) -> list[Variable]:
    if len({variable.name for variable in variables}) != len(variables):
        raise ValueError("two variables have the same name")
    return variables


Variables = Annotated[list[Variable], Field(max_length=MOST_VARIABLES), AfterValidator(_each_once)]
