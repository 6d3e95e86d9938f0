"""Rules of assistants: slugs, who may change one, what a version grants."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.principal import CollectionGrant
from gateway.caller import Caller

SLUG_LENGTH = 48
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class RunnableAssistant:
    """What answering needs. version None: the draft, which reads its collections as they stand."""

    id: str
    slug: str
    name: str
    workspace_id: str
    version: int | None
    model: str | None
    instructions: str
    temperature: float | None
    top_p: float | None
    not_found_words: str
    grants: tuple[CollectionGrant, ...]
    created_at: datetime


def slug_of(name: str, assistant_id: str) -> str:
    """A readable slug; a name without Latin letters or digits gets one from the id's end."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NOT_SLUG.sub("-", plain).strip("-")[:SLUG_LENGTH].strip("-")
    # A name half in Chinese leaves a stump such as "2": too little to tell assistants apart.
    return slug if len(slug) >= 3 else f"assistant-{assistant_id[-8:]}"


def with_suffix(slug: str, assistant_id: str) -> str:
    """The slug to take when `slug` is another assistant's already."""
    return f"{slug}-{assistant_id[-8:]}"


def may_change(caller: Caller, owner_id: str) -> bool:
    """Its owner and those who run the workspace change an assistant; a guest never does."""
    return caller.may_build and (caller.member_id == owner_id or caller.runs_workspace)


def frozen_grants(epochs: Mapping[str, int], alive: set[str]) -> tuple[CollectionGrant, ...]:
    """What a published version may read: delete beats everything, even a frozen epoch."""
    return tuple(
        CollectionGrant(collection_id=collection_id, epoch=epoch)
        for collection_id, epoch in sorted(epochs.items())
        if collection_id in alive
    )


def current_grants(collection_ids: list[str], alive: set[str]) -> tuple[CollectionGrant, ...]:
    """What a draft may read: its collections as they stand now."""
    return tuple(
        CollectionGrant(collection_id=collection_id)
        for collection_id in sorted(set(collection_ids))
        if collection_id in alive
    )
