"""The stamp beside a fetched model, and the hashes it records."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BLOCK_BYTES = 1 << 20
STAMP = "stamp.json"


@dataclass(frozen=True)
class Stamp:
    """Says that a model was checked when it arrived, so that nobody has to hash it again."""

    id: str
    sha256: str
    source: str


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Write the stamp last and in one step: a half-written one would vouch for nothing."""
    temporary = folder / f"{STAMP}.new"
    temporary.write_text(json.dumps(asdict(stamp), indent=2) + "\n", "utf-8")
    temporary.replace(folder / STAMP)


def read_stamp(folder: Path) -> Stamp | None:
    """None when there is none, or none that can be read."""
    try:
        raw: dict[str, Any] = json.loads((folder / STAMP).read_text("utf-8"))
        return Stamp(**raw)
    except (OSError, ValueError, TypeError):
        return None


def hash_of(path: Path) -> str:
    """SHA-256 of a file; of a folder, over the sorted `sha256sum` lines of its files."""
    if path.is_dir():
        lines = (f"{_file_hash(path / name)}  {name}\n" for name in _names_in(path))
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    return _file_hash(path)


def size_of(path: Path) -> int:
    """Bytes in a file, or in all files of a folder."""
    if path.is_dir():
        return sum((path / name).stat().st_size for name in _names_in(path))
    return path.stat().st_size


def sync(path: Path) -> None:
    """Have the bytes on the disk before a rename makes them count."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _names_in(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def _file_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
