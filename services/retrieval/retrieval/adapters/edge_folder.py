"""The folder of an embedded index: made, opened, brought up to date and, in the end, removed."""

import logging
import shutil
import time
from pathlib import Path

import qdrant_edge as edge

from contracts.passages import FOREVER, EmbeddingStamp
from retrieval.adapters.edge_filters import CURRENT, PLACE, equals, place_of
from retrieval.adapters.edge_places import pages
from retrieval.ports import (
    DENSE,
    EPOCH_FIELDS,
    WORDS,
    IndexInUse,
    IndexUnavailable,
    index_name,
)

log = logging.getLogger(__name__)

FORMAT = "-f2"
"""Ends the name of a folder as it is made today: with places, and with vectors in eight bits."""

FORMER_SECONDS = 7 * 24 * 3600.0
"""How long the index of another model stays after its last write: whoever goes back finds it."""

KEYWORD_FIELDS = ("tenant", "version", "scripts", PLACE, CURRENT)


def folder_of(index: Path, stamp: EmbeddingStamp) -> Path:
    """Where the index for a stamp is."""
    return index / f"{index_name(stamp)}{FORMAT}"


def opened(index: Path, stamp: EmbeddingStamp) -> edge.EdgeShard:
    """The shard for a stamp, made or brought up to date first. Removes what is long out of use."""
    folder, config = folder_of(index, stamp), _config(stamp.dimension)
    former = index / index_name(stamp)
    if former.is_dir():
        _bring_up_to_date(former, folder, config)
    if not folder.exists():
        _make(folder, config).close()
        _making(folder).rename(folder)
    shard = _load(folder, config)
    remove_former(index, folder)
    return shard


def remove_former(index: Path, serving: Path, former_seconds: float = FORMER_SECONDS) -> None:
    """Remove the indexes of other models that nobody has written to for so long."""
    for folder in index.glob("passages-*"):
        if folder == serving or not (folder / "edge_config.json").is_file():
            continue
        last_write = max(path.stat().st_mtime for path in folder.rglob("*"))
        if time.time() - last_write > former_seconds:
            log.info("removing the index of a former model: %s", folder.name)
            shutil.rmtree(folder, ignore_errors=True)


def count_points(folder: Path) -> int:
    """How many passages a shard folder holds that nobody has open. Raises IndexUnavailable."""
    try:
        shard = edge.EdgeShard.load(str(folder))
        held = shard.count(edge.CountRequest(exact=True))
        shard.close()
    except Exception as error:  # Edge raises plain Exception for every failure
        raise IndexUnavailable("The index cannot be opened.") from error
    return held


def _config(dimension: int) -> edge.EdgeConfig:
    # Eight bits choose the candidates, the whole vectors order them (docs/quality.md).
    eight_bits = edge.TurboQuantQuantizationConfig(
        bits=edge.TurboQuantBitSize.Bits8, memory=edge.Memory.Pinned
    )
    dense = edge.EdgeVectorParams(
        size=dimension, distance=edge.Distance.Cosine, quantization_config=eight_bits
    )
    return edge.EdgeConfig(
        vectors={DENSE: dense},
        sparse_vectors={WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        wal_enabled=True,
    )


def _load(folder: Path, config: edge.EdgeConfig | None) -> edge.EdgeShard:
    try:
        return edge.EdgeShard.load(str(folder), config)
    except Exception as error:  # Edge raises plain Exception for every failure
        if "WouldBlock" in str(error):
            raise IndexInUse("Another process is using the index.") from error
        raise IndexUnavailable("The index cannot be opened.") from error


def _making(folder: Path) -> Path:
    # Made aside and renamed: a kill half-way leaves no folder that cannot be loaded.
    return folder.with_name(f"{folder.name}.making")


def _make(folder: Path, config: edge.EdgeConfig) -> edge.EdgeShard:
    making = _making(folder)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    shard = edge.EdgeShard.create(str(making), config)
    for field in KEYWORD_FIELDS:
        keyword = edge.KeywordIndexParams(is_tenant=field == "tenant")
        shard.update(edge.UpdateOperation.create_field_index(field, keyword))
    for field in EPOCH_FIELDS:
        integer = edge.IntegerIndexParams(lookup=True, range=True)
        shard.update(edge.UpdateOperation.create_field_index(field, integer))
    return shard


def _bring_up_to_date(former: Path, folder: Path, config: edge.EdgeConfig) -> None:
    """Copy an index of the first format; vectors need not be made again."""
    if not folder.exists() or count_points(folder) == 0:  # a backup may have brought it back
        started = time.monotonic()
        old, new = _load(former, None), _make(folder, config)
        copied = 0
        for version in _versions(old):
            for page in pages(old, version, True, [DENSE, WORDS]):
                points = [_brought(record) for record in page]
                new.update(edge.UpdateOperation.upsert_points(points))
                copied += len(points)
        new.flush()
        new.close()
        old.close()
        shutil.rmtree(folder, ignore_errors=True)
        _making(folder).rename(folder)
        seconds = time.monotonic() - started
        log.info("the index was brought up to date: %d passages in %.0f s", copied, seconds)
    shutil.rmtree(former)


def _versions(shard: edge.EdgeShard) -> list[edge.Filter]:
    # One after the other, because what lies together is read together: by id, a collection of
    # 2,000 would end up strewn over the whole index, and be searched at half the speed.
    most = shard.count(edge.CountRequest(exact=True))
    versions = shard.facet(edge.FacetRequest("version", limit=most + 1, exact=True)).hits
    return [edge.Filter(must=[equals("version", str(hit.value))]) for hit in versions]


def _brought(record: edge.Record) -> edge.Point:
    payload = dict(record.payload or {})
    payload[PLACE] = place_of(payload["tenant"], payload["collection"])
    is_current = payload["from_epoch"] < FOREVER == payload["until_epoch"]
    payload[CURRENT] = [payload[PLACE]] if is_current else []
    return edge.Point(record.id, record.vector or {}, payload)
