"""Settings out of files: `NAME_FILE=/run/secrets/x` stands for `NAME` with the content of the file.

An environment can be read by whoever may look at a process or a container; a mounted file by none
of them. Each variable of a settings class may be given so, nested ones too.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

_SUFFIX = "_file"


class SecretFileRefused(ValueError):
    """A variable names a file that cannot be taken; the words name the variable."""


class FileSettings(BaseSettings):
    """Settings that come from arguments, the environment, and files the environment names."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The three sources, the first one first."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, NamedFiles(settings_cls))


class NamedFiles(EnvSettingsSource):
    """The content of every `<variable>_FILE`, as if the environment held it."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        variables = super()._load_env_vars()
        return dict(self._contents(variables))

    def _contents(self, variables: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        prefix = self.env_prefix.lower()
        for name, path in variables.items():
            variable = name.removesuffix(_SUFFIX)
            if variable == name or not name.startswith(prefix) or not path:
                continue
            if not self._is_ours(name.removeprefix(prefix)):
                continue
            if variables.get(variable):
                raise SecretFileRefused(
                    f"{variable.upper()} and {name.upper()} are both set; one is enough"
                )
            yield variable, _content(name.upper(), Path(path))

    def _is_ours(self, name: str) -> bool:
        fields = self.settings_cls.model_fields
        # A setting may itself be the path of a file, as STOA_SERVICE_SECRET_FILE is.
        return name not in fields and name.removesuffix(_SUFFIX).split("__")[0] in fields


def with_password(url: object, password: object, names: tuple[str, str]) -> object:
    """The address with the password in it, when both are given. `names`: their variables."""
    plain_url, plain_password = _plain(url), _plain(password)
    if not plain_url or not plain_password:
        return url
    parts = urlsplit(plain_url)
    if parts.password:
        raise ValueError(f"{names[0]} holds a password, and {names[1]} is set: one is enough")
    user, _, host = parts.netloc.rpartition("@")
    netloc = f"{user}:{quote(plain_password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=netloc))


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "" if value is None else str(value)


def _content(variable: str, path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number else "it is not text"
        raise SecretFileRefused(f"{variable}: {path} cannot be read ({reason})") from None
    if not content:
        raise SecretFileRefused(f"{variable}: {path} is empty")
    return content
