"""The payload of a passage's point, the same in every Qdrant store."""

from collections.abc import Mapping
from typing import Any

from contracts.passages import FOREVER, PassageBatch, PassageVector, SearchHit


def payload_of(tenant: str, batch: PassageBatch, passage: PassageVector) -> dict[str, Any]:
    """What is kept beside a vector. No text: that stays with the gateway."""
    return {
        "tenant": tenant,
        "collection": batch.collection_id,
        "document": batch.document_id,
        "version": batch.document_version_id,
        "passage": passage.passage_id,
        "index": passage.index,
        "from_epoch": FOREVER,
        "until_epoch": FOREVER,
    }


def hit_of(payload: Mapping[str, Any] | None, score: float) -> SearchHit:
    """A point found, as it crosses the border."""
    if payload is None:
        raise ValueError("a point came back without its payload")
    return SearchHit(
        passage_id=payload["passage"],
        document_id=payload["document"],
        document_version_id=payload["version"],
        collection_id=payload["collection"],
        score=max(-1.0, min(1.0, score)),  # float32 sums may overshoot a little
    )
