"""The payload of a passage's point, the same in every Qdrant store."""

from collections.abc import Mapping
from typing import Any

from contracts.passages import FOREVER, PassageBatch, PassageVector
from retrieval.ports import Found


def payload_of(tenant: str, batch: PassageBatch, passage: PassageVector) -> dict[str, Any]:
    """What is kept beside a vector. No text: that stays with the gateway."""
    return {
        "tenant": tenant,
        "collection": batch.collection_id,
        "document": batch.document_id,
        "version": batch.document_version_id,
        "passage": passage.passage_id,
        "index": passage.index,
        "scripts": passage.scripts,
        "from_epoch": FOREVER,
        "until_epoch": FOREVER,
    }


def found_in(payload: Mapping[str, Any]) -> Found:
    """The passage of a point, as the service sees it."""
    return Found(
        passage_id=payload["passage"],
        document_id=payload["document"],
        document_version_id=payload["version"],
        collection_id=payload["collection"],
        index=payload["index"],
        scripts=tuple(payload["scripts"]),
    )
