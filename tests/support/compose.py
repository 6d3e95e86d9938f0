"""docker-compose.yml and the Dockerfiles as values: read, interpolated, nothing started.

stack = read_compose(variables={"STOA_ADMIN_EMAIL": "ada@example.org"})
stack.services["gateway"].command          # a list of words
stack.services["gateway"].environment      # strings
image = read_dockerfile(ROOT / "web/Dockerfile").final
image.copies, image.command, image.user
"""

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
OURS = ("gateway", "web", "retrieval", "inference", "worker", "beat", "migrate", "models", "tools")
"""The services that run images of ours."""

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z_0-9]+)(?:(?P<kind>:[-?])(?P<other>[^}]*))?\})"
)


class NotSet(Exception):
    """A variable that compose insists on has no value."""


@dataclass(frozen=True)
class Service:
    """One service, as compose would start it."""

    name: str
    given: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        return _words(self.given.get("command"))

    @property
    def entrypoint(self) -> list[str]:
        return _words(self.given.get("entrypoint"))

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.given.get("environment", {}))

    @property
    def mounts(self) -> list["Mount"]:
        return [Mount(*each.split(":")) for each in self.given.get("volumes", [])]

    @property
    def secrets(self) -> list[str]:
        return list(self.given.get("secrets", []))

    @property
    def networks(self) -> set[str]:
        return set(self.given.get("networks", []))

    @property
    def probe(self) -> str:
        """The words of its health check."""
        return " ".join(self.given.get("healthcheck", {}).get("test", []))


@dataclass(frozen=True)
class Mount:
    """A volume or a path of the host, seen at a path of the container."""

    source: str
    target: str
    mode: str = "rw"

    @property
    def is_named(self) -> bool:
        return not self.source.startswith((".", "/"))


@dataclass(frozen=True)
class Stack:
    """The whole file."""

    given: Mapping[str, Any]

    @property
    def services(self) -> dict[str, Service]:
        return {name: Service(name, given) for name, given in self.given["services"].items()}


@dataclass
class Stage:
    """One stage of a Dockerfile, with what it inherits."""

    name: str
    parent: str
    copies: list[tuple[str, str]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    ports: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    probe: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Dockerfile:
    """Its stages in order; the last one is what a build without a target gives."""

    stages: list[Stage]

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def stage(self, name: str | None) -> Stage:
        return next(stage for stage in self.stages if stage.name == name) if name else self.final


def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def read_compose(variables: Mapping[str, str], text: str | None = None) -> Stack:
    """The stack with every variable in its place, as `docker compose` puts them."""
    given = yaml.safe_load(compose_text() if text is None else text)
    filled: Mapping[str, Any] = _filled(given, variables)
    return Stack(filled)


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-other}`, `${NAME:?why}` and `$$`."""

    def value(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        given = variables.get(found["name"], "")
        if given or not found["kind"]:
            return given
        if found["kind"] == ":?":
            raise NotSet(f"{found['name']}: {found['other']}")
        return found["other"]

    return _VARIABLE.sub(value, text)


def read_dockerfile(path: Path) -> Dockerfile:
    """The instructions we use; another one is an error, so that none is overlooked."""
    stages: list[Stage] = []
    for line in _lines(path.read_text(encoding="utf-8")):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            parent, _, name = rest.partition(" AS ")
            stages.append(_stage_from(stages, parent.strip(), name.strip()))
        elif word != "ARG":
            _apply(stages[-1], word, rest.strip())
    return Dockerfile(stages)


def dockerfile_of(service: Service) -> Stage:
    """The stage that compose builds for a service of ours."""
    build = service.given["build"]
    return read_dockerfile(ROOT / build["dockerfile"]).stage(build.get("target"))


def _words(given: str | list[str] | None) -> list[str]:
    return shlex.split(given) if isinstance(given, str) else list(given or [])


def _filled(given: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(given, str):
        return interpolated(given, variables)
    if isinstance(given, list):
        return [_filled(each, variables) for each in given]
    if isinstance(given, dict):
        return {key: _filled(each, variables) for key, each in given.items()}
    return given


def _lines(text: str) -> list[str]:
    bare = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "\n".join(bare).replace("\\\n", " ").splitlines()


def _stage_from(stages: list[Stage], parent: str, name: str) -> Stage:
    for stage in stages:
        if stage.name == parent:
            return Stage(
                name,
                stage.parent,
                list(stage.copies),
                [],
                dict(stage.environment),
                stage.user,
                list(stage.ports),
                list(stage.command),
                list(stage.probe),
            )
    return Stage(name, parent)


def _apply(stage: Stage, word: str, rest: str) -> None:
    if word not in _INSTRUCTIONS:
        raise ValueError(f"{word} is not understood")
    _INSTRUCTIONS[word](stage, rest)


def _copy(stage: Stage, rest: str) -> None:
    *sources, target = rest.split()
    if not sources[0].startswith("--from="):
        stage.copies += [(source, target) for source in sources]


def _env(stage: Stage, rest: str) -> None:
    stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))


def _healthcheck(stage: Stage, rest: str) -> None:
    stage.probe = json.loads(rest.partition("CMD ")[2]) if "CMD " in rest else []


def _command(stage: Stage, rest: str) -> None:
    stage.command = json.loads(rest)


def _user(stage: Stage, rest: str) -> None:
    stage.user = rest


_INSTRUCTIONS: Mapping[str, Callable[[Stage, str], None]] = {
    "COPY": _copy,
    "ENV": _env,
    "HEALTHCHECK": _healthcheck,
    "CMD": _command,
    "USER": _user,
    "RUN": lambda stage, rest: stage.runs.append(rest),
    "EXPOSE": lambda stage, rest: stage.ports.append(rest),
    "WORKDIR": lambda _stage, _rest: None,
}
