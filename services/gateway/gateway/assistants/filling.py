"""Variables of instructions: which values a conversation has, and how they are put in.

Values are written by whoever asks: they become one line without marks of a prompt, and are put in
once, so that a value which looks like a variable stays as it was typed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from contracts.definitions import BUILT_IN, VALUE_CHARACTERS, Variable
from gateway.assistants.errors import VariableInvalid, VariableMissing, VariableUnknown

_PLACE = re.compile(r"\{\{[ \t]{0,8}([a-z][a-z0-9_]{0,31}(?:\.[a-z]{1,16})?)[ \t]{0,8}\}\}")
# Line ends of every kind, and what a model or a reader would not see.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_TODAY, _USER_NAME = BUILT_IN
MOST_UNKNOWN = 20
"""So many unknown names are told; who has more has other troubles."""


def checked_values(variables: Sequence[Variable], given: Mapping[str, str]) -> dict[str, str]:
    """Variable's name -> its value: the one given, else the default.

    Raises VariableUnknown, VariableInvalid, VariableMissing.
    """
    known = {variable.name: variable for variable in variables}
    for name, value in given.items():
        if name not in known:
            raise VariableUnknown(f"There is no variable {name[:40]!r}.", param="variables")
        if value.strip() and not known[name].accepts(value):
            raise VariableInvalid(
                f"This is not a {known[name].kind.value} for {name}.", param=f"variables.{name}"
            )
    values = values_now(variables, given)
    for variable in variables:
        if variable.required and variable.name not in values:
            raise VariableMissing(
                f"Say what {variable.label or variable.name} is.",
                param=f"variables.{variable.name}",
            )
    return values


def values_now(variables: Sequence[Variable], kept: Mapping[str, str]) -> dict[str, str]:
    """The values that still fit the variables, which may have changed; defaults for the others."""
    values = {}
    for variable in variables:
        value = kept.get(variable.name, "")
        value = value if variable.accepts(value) else variable.default
        if value:
            values[variable.name] = value
    return values


def filled(instructions: str, variables: Sequence[Variable], values: Mapping[str, str]) -> str:
    """Instructions with the values in their places. A variable that nobody gave a value for is
    left empty; a name that is no variable stays as it is written."""
    known = {variable.name for variable in variables} | values.keys()

    def put_in(place: re.Match[str]) -> str:
        name = place[1]
        return _plain(values.get(name, "")) if name in known else place[0]

    return _PLACE.sub(put_in, instructions)


def unknown_names(instructions: str, variables: Sequence[Variable]) -> list[str]:
    """What stands in braces and is no variable, each once, in order."""
    known = {variable.name for variable in variables} | set(BUILT_IN)
    found = dict.fromkeys(place[1] for place in _PLACE.finditer(instructions))
    return [name for name in found if name not in known][:MOST_UNKNOWN]


def built_in(today: date, member_name: str) -> dict[str, str]:
    """The values that every assistant has."""
    return {_TODAY: today.isoformat(), _USER_NAME: member_name}


def _plain(value: str) -> str:
    """A value on one line, bounded."""
    seen = "".join(
        " " if unicodedata.category(character) in _UNSEEN else character
        for character in value[:VALUE_CHARACTERS]
    )
    return " ".join(seen.split())
