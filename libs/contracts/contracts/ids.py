"""Prefixed ids that sort by time of making, and the deterministic ids of passages' points."""

import secrets
import time
import uuid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_POINTS = uuid.UUID("5f0c8a52-6f5e-4c38-9a6b-2f6d0e2d7c11")


def new_id(prefix: str) -> str:
    """`prefix` plus 26 characters: 48 bits of milliseconds, then 80 random bits.

    Ids made later sort later, so a primary key is also a paging cursor.
    """
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return prefix + "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def point_id(document_version_id: str, index: int) -> str:
    """The vector store's id of passage `index`: the same text written twice is one point."""
    return str(uuid.uuid5(_POINTS, f"{document_version_id}:{index}"))
