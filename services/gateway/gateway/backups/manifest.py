"""The manifest: what a backup holds, with the checksum of every file."""

import hashlib
import os
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from gateway.backups.errors import NotABackup

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_SUM = "manifest.json.sha256"
DATABASE = "database.dump"
VECTORS = "vectors.tar.gz"
BLOBS = "blobs"
_BLOCK_BYTES = 1 << 20


class KeptFile(BaseModel):
    """A file as it was written."""

    sha256: str
    size_bytes: int


class LedgerSum(BaseModel):
    """The ledger of one currency. amount_pico is as long as it needs to be, so a string."""

    currency: str
    rows: int
    amount_pico: str


class Changes(BaseModel):
    """What happened to rows of the snapshot while their blobs were being copied.

    missing_pictures: keys of blobs, whenever they went.
    """

    deleted_files: list[str] = Field(default_factory=list)
    deleted_documents: list[str] = Field(default_factory=list)
    replaced_texts: list[str] = Field(default_factory=list)
    missing_pictures: list[str] = Field(default_factory=list)


class Manifest(BaseModel):
    """One backup. lost_blobs: rows whose bytes were gone or damaged already."""

    format: int = FORMAT
    made_at: int
    stoa_version: str
    schema_revision: str
    tables: dict[str, int]
    ledger: list[LedgerSum]
    embedding_stamps: list[dict[str, str | int]]
    vectors: str
    changes: Changes
    lost_blobs: list[str]
    files: dict[str, KeptFile]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files.values())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it in one step, after everything else has reached the disk."""
    text = manifest.model_dump_json(indent=1).encode()
    digest = hashlib.sha256(text).hexdigest()
    os.sync()
    # In the form of `sha256sum --check`.
    _write(folder / MANIFEST_SUM, f"{digest}  {MANIFEST}\n".encode())
    _write(folder / f"{MANIFEST}.new", text)
    (folder / f"{MANIFEST}.new").replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises NotABackup."""
    try:
        text = (folder / MANIFEST).read_bytes()
        kept = (folder / MANIFEST_SUM).read_text(encoding="utf-8").split(maxsplit=1)[0]
    except (OSError, IndexError) as error:
        raise NotABackup(
            f"{folder} has no {MANIFEST} and {MANIFEST_SUM}: it is no backup, or an unfinished one"
        ) from error
    if hashlib.sha256(text).hexdigest() != kept:
        raise NotABackup(f"{MANIFEST} is not what was written: its SHA-256 differs")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise NotABackup(f"{MANIFEST} is of a form that this version does not know") from error
    if manifest.format != FORMAT:
        raise NotABackup(f"the backup has format {manifest.format}; this version reads {FORMAT}")
    return manifest


def verify(folder: Path, manifest: Manifest) -> None:
    """Hash every file. Raises NotABackup, naming the first that is not what was written."""
    for name, kept in sorted(manifest.files.items()):
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise NotABackup(f"{name} lies outside the backup")
        if not path.is_file():
            raise NotABackup(f"{name} is missing")
        if described(path) != kept:
            raise NotABackup(f"{name} is not what was written: its SHA-256 differs")


def described(path: Path) -> KeptFile:
    """A file's checksum and size."""
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size_bytes += len(block)
    return KeptFile(sha256=digest.hexdigest(), size_bytes=size_bytes)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
