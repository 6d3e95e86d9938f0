"""Rules of assistants: slugs, who may change one, what a version grants."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.assistants import GroundingMode
from contracts.definitions import AnswerLanguage, RetrievalSettings, Variable
from contracts.principal import CollectionGrant
from gateway.caller import Caller

SLUG_LENGTH = 48
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class RunnableAssistant:
    """What answering needs. version None: the draft, which reads its collections as they stand.

    is_grounded: it answers from collections, also when it may read none of them any more.
    """

    id: str
    slug: str
    name: str
    description: str
    starters: tuple[str, ...]
    avatar: str | None
    workspace_id: str
    is_public: bool
    version: int | None
    model: str | None
    instructions: str
    temperature: float | None
    top_p: float | None
    not_found_words: str
    grounding_mode: GroundingMode
    variables: tuple[Variable, ...]
    answer_language: AnswerLanguage
    retrieval: RetrievalSettings
    is_grounded: bool
    grants: tuple[CollectionGrant, ...]
    created_at: datetime

    def tells_builders(self, workspace_id: str) -> bool:
        """Whether its builders may learn what it was asked from there and did not find: never of
        other workspaces, nor of trials of the draft."""
        is_at_home = self.workspace_id == workspace_id
        return is_at_home and self.is_grounded and self.version is not None


@dataclass(frozen=True)
class Access:
    """An assistant of the caller's workspace, and what the caller may do with it.

    caller: as the assistant's own address lets them in. collection_ids: of what its draft knows
    those whose files the caller may list. sees_all_keys: to it, not only their own.
    published_epochs: collection id -> the epoch its published version reads.
    """

    caller: Caller
    assistant_id: str
    name: str
    may_change: bool
    sees_all_keys: bool
    collection_ids: tuple[str, ...]
    published_epochs: Mapping[str, int]


def slug_of(name: str, assistant_id: str) -> str:
    """A readable slug; a name without Latin letters or digits gets one from the id's end."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NOT_SLUG.sub("-", plain).strip("-")[:SLUG_LENGTH].strip("-")
    # A name half in Chinese leaves a stump such as "2": too little to tell assistants apart.
    return slug if len(slug) >= 3 else f"assistant-{assistant_id[-8:]}"


def with_suffix(slug: str, assistant_id: str) -> str:
    """The slug to take when `slug` is another assistant's already."""
    return f"{slug}-{assistant_id[-8:]}"


def frozen_grants(epochs: Mapping[str, int], readable: set[str]) -> tuple[CollectionGrant, ...]:
    """What a published version may read: what is deleted or taken away beats a frozen epoch."""
    return tuple(
        CollectionGrant(collection_id=collection_id, epoch=epoch)
        for collection_id, epoch in sorted(epochs.items())
        if collection_id in readable
    )


def current_grants(collection_ids: list[str], readable: set[str]) -> tuple[CollectionGrant, ...]:
    """What a draft may read: its collections as they stand now."""
    return tuple(
        CollectionGrant(collection_id=collection_id)
        for collection_id in sorted(set(collection_ids))
        if collection_id in readable
    )
