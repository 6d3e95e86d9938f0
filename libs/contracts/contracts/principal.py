"""Who a service acts for. Signed by `runtime.service_auth`, so a receiver can trust each field."""

from pydantic import BaseModel, ConfigDict

STORE_TENANT = "stoa:store"
"""Owns what the store's listings mean. No workspace is called so, and no member acts for it."""


class CollectionGrant(BaseModel):
    """Leave to read one collection, as it stood at `epoch` (None: as it stands now)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    collection_id: str
    epoch: int | None = None


class Principal(BaseModel):
    """The claims of a service token.

    `workspace_id` owns the vectors that may be touched; None: a service speaks for itself, which
    retrieval refuses. `collections` is all that may be read: retrieval builds its filter from
    here, never from a request body. `write` allows upserts and deletes within the workspace
    (ingest has it, a chat never).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace_id: str | None = None
    member_id: str | None = None
    collections: tuple[CollectionGrant, ...] = ()
    write: bool = False
