"""Works out whose vectors a model folder makes."""

import hashlib
import json
from pathlib import Path

from contracts.passages import EmbeddingStamp

STAMP_FILE = "embedding-stamp.json"
REVISION_DIGITS = 16


def revision_of(*parts: bytes) -> str:
    """Sixteen hex digits over everything that shapes a vector."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())  # so that ab+c and a+bc differ
    return digest.hexdigest()[:REVISION_DIGITS]


def write_stamp(folder: Path, stamp: EmbeddingStamp) -> None:
    (folder / STAMP_FILE).write_text(stamp.model_dump_json(indent=2) + "\n", "utf-8")


def read_stamp(folder: Path) -> EmbeddingStamp | None:
    """The stamp our conversion left; None for a folder that came from elsewhere."""
    path = folder / STAMP_FILE
    return EmbeddingStamp.model_validate_json(path.read_text("utf-8")) if path.exists() else None


def stamp_of_foreign_folder(folder: Path, model_id: str, dimension: int) -> EmbeddingStamp:
    """Hash what shapes the vectors of a folder nobody stamped: weights, tokenizer, prefixes."""
    suffixes = {".onnx", ".onnx_data", ".safetensors", ".bin", ".json"}
    paths = sorted(path for path in folder.rglob("*") if path.suffix in suffixes)
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in paths]
    names = json.dumps([path.relative_to(folder).as_posix() for path in paths]).encode()
    return EmbeddingStamp(
        model_id=model_id, dimension=dimension, revision=revision_of(names, *digests)
    )
