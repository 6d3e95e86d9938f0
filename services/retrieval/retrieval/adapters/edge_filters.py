"""The filters of the embedded index. Every one names its tenant, alone or inside a place."""

from collections.abc import Sequence

import qdrant_edge as edge

from retrieval.ports import CollectionView, Scope

Condition = edge.FieldCondition

CURRENT, PLACE = "current", "place"
"""Payload fields of this store alone. place: tenant and collection as one word, because a second
condition costs as much as all the scoring. current: the same while the passage is what NOW sees."""


def place_of(tenant: str, collection_id: str) -> str:
    """Tenant and collection as one word. No two pairs share one: the tenant's length leads."""
    return f"{len(tenant)}:{tenant}:{collection_id}"


def places_of(scope: Scope) -> list[str]:
    """The places that a scope reaches."""
    return [place_of(scope.tenant, view.collection_id) for view in scope.views]


def equals(field: str, value: str | int) -> edge.FieldCondition:
    """The field has this value."""
    return edge.FieldCondition(field, match=edge.MatchValue(value))


def one_of(field: str, values: Sequence[str]) -> edge.FieldCondition:
    """The field has one of the values. A single one is asked for as such: that is faster."""
    if len(values) == 1:
        return equals(field, values[0])
    return edge.FieldCondition(field, match=edge.MatchAny(list(values)))


def version_of(tenant: str, version_id: str) -> edge.Filter:
    """All passages of a document version."""
    return edge.Filter(must=[equals("tenant", tenant), equals("version", version_id)])


def owned(scope: Scope) -> edge.Filter:
    """The corpus of rarity: the scope's collections, all epochs of them. Whoever reads one epoch
    may read the collection, and asking for epochs as well would treble the time."""
    return edge.Filter(must=[one_of(PLACE, places_of(scope))])


def readable(scope: Scope, settled: Sequence[bool], also: Sequence[Condition] = ()) -> edge.Filter:
    """What a scope sees. settled: per view, that its epoch sees just what NOW sees."""
    narrowed = list(also)
    if scope.only_versions is not None:
        narrowed.append(one_of("version", scope.only_versions))
    if all(settled):
        return edge.Filter(must=[one_of(CURRENT, places_of(scope)), *narrowed])
    views = zip(scope.views, settled, strict=True)
    seen = [_seen(scope.tenant, view, is_settled) for view, is_settled in views]
    if len(seen) == 1:
        return edge.Filter(must=[*seen[0], *narrowed])
    any_of = edge.Filter(should=[edge.Filter(must=list(view)) for view in seen])
    return edge.Filter(must=[any_of, *narrowed])


def _seen(tenant: str, view: CollectionView, is_settled: bool) -> list[Condition]:
    place = place_of(tenant, view.collection_id)
    if is_settled:
        return [equals(CURRENT, place)]
    return [
        equals(PLACE, place),
        edge.FieldCondition("from_epoch", range=edge.RangeFloat(lte=view.epoch)),
        edge.FieldCondition("until_epoch", range=edge.RangeFloat(gt=view.epoch)),
    ]
