"""How every program begins: settings read and stores reached, or one sentence that says why not."""

import inspect
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsError

from runtime.service_auth import ServiceTokens
from runtime.settings import Environment, SharedSettings
from runtime.strong_secrets import check_secrets

BAD_CONFIGURATION = 2
"""The exit status of a program that cannot start as it is configured."""

S = TypeVar("S", bound=BaseSettings)

_FEWEST_DIFFERENT_BYTES = 12
_BROKEN_FIELD = re.compile(r'field "(\w+)"')


class CannotStart(Exception):
    """Why, as the end of `<program> cannot start: …`. No password is in it."""


def settings_or_exit(program: str, kind: type[S], check: Callable[[S], None] = lambda _: None) -> S:
    """The settings. Bad ones end the process in one sentence, without a traceback.

    check: raises CannotStart or ValueError for what the settings alone cannot know.
    """
    try:
        settings = kind()
        _check_secret(settings)
        check(settings)
    except ValidationError as error:
        refuse(program, _first_of(error, kind))
    except SettingsError as error:
        refuse(program, _unreadable(error, kind))
    except (CannotStart, ValueError) as error:
        refuse(program, str(error))
    return settings


def refuse(program: str, sentence: str, code: int = BAD_CONFIGURATION) -> NoReturn:
    """Say in one sentence why the program ends."""
    said = " ".join(sentence.split()).rstrip(".")
    sys.stderr.write(f"{program} cannot start: {said}.\n")
    raise SystemExit(code)


def _check_secret(settings: BaseSettings) -> None:
    shared = settings if isinstance(settings, SharedSettings) else getattr(settings, "shared", None)
    if not isinstance(shared, SharedSettings):
        return
    variable = "STOA_SERVICE_SECRET" + ("" if shared.service_secret is not None else "_FILE")
    try:
        key = shared.service_key()
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or 0)
        raise CannotStart(
            f"{variable}: the file of the service secret cannot be read ({reason})"
        ) from None
    try:
        ServiceTokens(key, "any service")
    except ValueError as error:
        raise CannotStart(f"{variable}: {error}") from None
    if shared.environment is not Environment.PRODUCTION:
        return
    if len(set(key)) < _FEWEST_DIFFERENT_BYTES:
        raise CannotStart(f"{variable}: too easy to guess for production; take 32 random bytes")
    check_secrets(settings)


def _first_of(error: ValidationError, kind: type[BaseSettings]) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return message
    owner = _settings_kinds(kind).get(error.title, kind)
    variable, inside = _variable_of(owner, first["loc"])
    return f"{variable}: {inside}{message}"


def _unreadable(error: SettingsError, kind: type[BaseSettings]) -> str:
    found = _BROKEN_FIELD.search(str(error))
    if found is None:
        return "a setting cannot be read"
    return f"{_prefix(kind)}{found.group(1)}".upper() + ": this is not JSON"


def _settings_kinds(kind: type[BaseSettings]) -> dict[str, type[BaseSettings]]:
    """The settings and those nested in them, by name: each has its own prefix."""
    found = {kind.__name__: kind}
    for field in kind.model_fields.values():
        nested = field.annotation
        if inspect.isclass(nested) and issubclass(nested, BaseSettings):
            found |= _settings_kinds(nested)
    return found


def _variable_of(kind: type[BaseModel], place: Sequence[int | str]) -> tuple[str, str]:
    """The variable a field is read from, and where in its JSON the trouble is."""
    words, model = [], kind
    rest = list(place)
    while rest:
        word = str(rest.pop(0))
        words.append(word)
        field = model.model_fields.get(word)
        nested = None if field is None else field.annotation
        if not (inspect.isclass(nested) and issubclass(nested, BaseModel)):
            break
        model = nested
    inside = ".".join(str(part) for part in rest)
    return (_prefix(kind) + "__".join(words)).upper(), f"{inside}: " if inside else ""


def _prefix(kind: type[BaseModel]) -> str:
    return str(kind.model_config.get("env_prefix", ""))
