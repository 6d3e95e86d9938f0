"""Production refuses secrets that are missing, short, or taken from an example."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from annotated_types import MinLen
from pydantic import BaseModel, SecretStr

FEWEST_CHARACTERS = 16
FEWEST_DIFFERENT = 8
_SAMPLES = (
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "replaceme",
    "replace-me",
    "placeholder",
    "your-secret",
    "your_secret",
    "yoursecret",
    "example",
    "insecure",
    "default-",
    "password",
    "postgres",
)


class WeakSecret(ValueError):
    """A secret that production does not take; the words name its variable, never its value."""


def check_secrets(settings: BaseModel) -> None:
    """Raise WeakSecret for the first secret of the settings that will not do in production."""
    for variable, value, fewest in secrets_of(settings):
        found = weakness(value, fewest)
        if found is not None:
            raise WeakSecret(f"{variable}: {found}; take 32 random bytes")


def weakness(value: str, fewest_characters: int = FEWEST_CHARACTERS) -> str | None:
    """What is wrong with a secret; None: nothing."""
    if not value:
        return "production needs a secret here"
    if len(value) < fewest_characters:
        return f"shorter than {fewest_characters} characters"
    if len(set(value)) < min(FEWEST_DIFFERENT, fewest_characters):
        return "too easy to guess for production"
    if any(sample in value.lower() for sample in _SAMPLES):
        return "this is a secret out of an example"
    return None


def secrets_of(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, str, int]]:
    """Each secret that is set, with its variable: secret fields, key files, passwords in addresses.

    An address that needs a password counts as an empty secret when it has none.
    """
    own = settings.model_config.get("env_prefix")
    prefix = str(own) if own else prefix
    for name, field in type(settings).model_fields.items():
        value, variable = getattr(settings, name), (prefix + name).upper()
        if isinstance(value, BaseModel):
            yield from secrets_of(value, prefix + name + "__")
        elif isinstance(value, tuple | list):
            yield from _inside(value, variable)
        elif name.endswith("_url"):
            yield from _password_of(variable, value)
        elif isinstance(value, SecretStr):
            fewest = next((m.min_length for m in field.metadata if isinstance(m, MinLen)), None)
            yield variable, value.get_secret_value(), fewest or FEWEST_CHARACTERS
        elif isinstance(value, Path) and name.endswith(("secret_file", "key_file")):
            yield variable, value.read_text(encoding="utf-8").strip(), FEWEST_CHARACTERS


def _inside(values: Any, variable: str) -> Iterator[tuple[str, str, int]]:
    for number, value in enumerate(values):
        if isinstance(value, BaseModel):
            yield from secrets_of(value, f"{variable}__{number}__")


def _password_of(variable: str, value: object) -> Iterator[tuple[str, str, int]]:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
    parts = urlsplit(plain)
    if parts.scheme.startswith(("postgresql", "redis", "valkey")):
        yield variable, unquote(parts.password or ""), FEWEST_CHARACTERS
    elif parts.password:
        yield variable, unquote(parts.password), FEWEST_CHARACTERS
