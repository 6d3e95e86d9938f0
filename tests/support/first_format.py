"""An embedded index as the first release made it, for tests that bring one up to date."""

from pathlib import Path

import qdrant_edge as edge

from contracts.ids import point_id
from contracts.passages import EmbeddingStamp, PassageBatch
from retrieval.adapters.passage_payload import payload_of
from retrieval.ports import DENSE, WORDS, index_name

Epochs = dict[str, int]


def first_format(
    index: Path, stamp: EmbeddingStamp, versions: list[tuple[str, PassageBatch, Epochs]]
) -> Path:
    """Each version with its tenant and its epochs; the folder it lies in."""
    folder = index / index_name(stamp)
    folder.mkdir(parents=True)
    dense = edge.EdgeVectorParams(size=stamp.dimension, distance=edge.Distance.Cosine)
    words = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    config = edge.EdgeConfig(vectors={DENSE: dense}, sparse_vectors={WORDS: words})
    shard = edge.EdgeShard.create(str(folder), config)
    for field in ("tenant", "collection", "version", "scripts"):
        keyword = edge.KeywordIndexParams(is_tenant=field == "tenant")
        shard.update(edge.UpdateOperation.create_field_index(field, keyword))
    for tenant, batch, epochs in versions:
        points = [
            edge.Point(
                point_id(batch.document_version_id, passage.index),
                {
                    DENSE: passage.vector,
                    WORDS: edge.SparseVector(passage.words.indices, passage.words.values),
                },
                payload_of(tenant, batch, passage) | epochs,
            )
            for passage in batch.passages
        ]
        shard.update(edge.UpdateOperation.upsert_points(points))
    shard.close()
    return folder
