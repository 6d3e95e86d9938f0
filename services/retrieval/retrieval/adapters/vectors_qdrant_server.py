"""Passages in a Qdrant server (1.16 or later), one Qdrant collection per stamp."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from contracts.ids import point_id
from contracts.passages import FOREVER, EmbeddingStamp, PassageBatch, PassageVector, WordWeights
from retrieval.adapters.passage_payload import found_in, payload_of
from retrieval.ports import (
    DENSE,
    EPOCH_FIELDS,
    KEYWORD_FIELDS,
    WORDS,
    CollectionView,
    Found,
    IndexUnavailable,
    Match,
    Scope,
    VersionNotFound,
    index_name,
)

CONFLICT = 409


@asynccontextmanager
async def open_server(
    url: str, api_key: str | None, timeout_seconds: int, stamp: EmbeddingStamp
) -> AsyncIterator["ServerVectors"]:
    """The index for a stamp on the server at `url`, made when it is not there yet."""
    # The check of versions would be a blocking call; the first real call says enough.
    client = AsyncQdrantClient(
        url=url, api_key=api_key, timeout=timeout_seconds, check_compatibility=False
    )
    try:
        yield await prepared(client, stamp)
    finally:
        await client.close()


async def prepared(client: AsyncQdrantClient, stamp: EmbeddingStamp) -> "ServerVectors":
    """The store for a stamp, its collection and payload indexes in place."""
    name = index_name(stamp)
    dense = models.VectorParams(size=stamp.dimension, distance=models.Distance.COSINE)
    with _facts():
        if not await client.collection_exists(name):
            await _create(client, name, dense)
        for field in KEYWORD_FIELDS:
            keyword = models.KeywordIndexParams(
                type=models.KeywordIndexType.KEYWORD, is_tenant=field == "tenant"
            )
            await client.create_payload_index(name, field, field_schema=keyword, wait=True)
        for field in EPOCH_FIELDS:
            integer = models.IntegerIndexParams(
                type=models.IntegerIndexType.INTEGER, lookup=True, range=True
            )
            await client.create_payload_index(name, field, field_schema=integer, wait=True)
    return ServerVectors(client, name)


class ServerVectors:
    """A VectorStore on a Qdrant server. Writes wait until they are applied."""

    def __init__(self, client: AsyncQdrantClient, name: str) -> None:
        self._client = client
        self._name = name

    async def put(self, tenant: str, batch: PassageBatch) -> None:
        """See VectorStore."""
        points = [
            models.PointStruct(
                id=point_id(batch.document_version_id, passage.index),
                vector=_vectors(passage),
                payload=payload_of(tenant, batch, passage),
            )
            for passage in batch.passages
        ]
        # The condition holds for points already there: a late repeat hides nothing revealed, and
        # a point of another tenant is safe even from one that appears after the check.
        unrevealed = models.Filter(must=[_is("tenant", tenant), _is("from_epoch", FOREVER)])
        with _facts():
            present = await self._client.retrieve(
                self._name, [point.id for point in points], with_payload=["tenant"]
            )
            if any((record.payload or {}).get("tenant") != tenant for record in present):
                raise VersionNotFound(f"There is no document version {batch.document_version_id}.")
            await self._client.upsert(self._name, points, wait=True, update_filter=unrevealed)

    async def reveal(self, tenant: str, version_id: str, from_epoch: int) -> None:
        """See VectorStore."""
        await self._set(tenant, version_id, {"from_epoch": from_epoch})

    async def supersede(self, tenant: str, version_id: str, until_epoch: int) -> None:
        """See VectorStore."""
        await self._set(tenant, version_id, {"until_epoch": until_epoch})

    async def delete(self, tenant: str, version_id: str) -> None:
        """See VectorStore."""
        selected = models.FilterSelector(filter=_version(tenant, version_id))
        with _facts():
            await self._client.delete(self._name, selected, wait=True)

    async def count(self, tenant: str, version_id: str) -> int:
        """See VectorStore."""
        with _facts():
            result = await self._client.count(
                self._name, count_filter=_version(tenant, version_id), exact=True
            )
        return result.count

    async def nearest(self, scope: Scope, vector: list[float], limit: int) -> list[Match]:
        """See VectorStore."""
        if scope.is_empty:
            return []
        with _facts():
            response = await self._client.query_points(
                self._name,
                query=vector,
                using=DENSE,
                query_filter=_readable(scope),
                limit=limit,
                with_payload=False,
            )
        return [Match(str(point.id), point.score) for point in response.points]

    async def sharing_words(
        self, scope: Scope, words: WordWeights, scripts: Sequence[str], limit: int
    ) -> list[Match]:
        """See VectorStore."""
        if scope.is_empty or not words.indices or not scripts:
            return []
        written_in = models.FieldCondition(key="scripts", match=models.MatchAny(any=list(scripts)))
        with _facts():
            response = await self._client.query_points(
                self._name,
                query=models.SparseVector(indices=words.indices, values=words.values),
                using=WORDS,
                query_filter=_readable(scope, [written_in]),
                search_params=models.SearchParams(idf=models.IdfCorpusParams(corpus=_owned(scope))),
                limit=limit,
                with_payload=False,
            )
        return [Match(str(point.id), point.score) for point in response.points]

    async def passages(self, tenant: str, points: Sequence[str]) -> dict[str, Found]:
        """See VectorStore."""
        if not points:
            return {}
        with _facts():
            records = await self._client.retrieve(self._name, list(points), with_payload=True)
        payloads = {str(record.id): record.payload or {} for record in records}
        return {
            point: found_in(payload)
            for point, payload in payloads.items()
            if payload.get("tenant") == tenant
        }

    async def _set(self, tenant: str, version_id: str, payload: dict[str, int]) -> None:
        with _facts():
            await self._client.set_payload(
                self._name, payload, points=_version(tenant, version_id), wait=True
            )


async def _create(client: AsyncQdrantClient, name: str, dense: models.VectorParams) -> None:
    try:
        await client.create_collection(
            name,
            vectors_config={DENSE: dense},
            sparse_vectors_config={WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
    except UnexpectedResponse as error:
        if error.status_code != CONFLICT:  # another replica was faster
            raise


@contextmanager
def _facts() -> Iterator[None]:
    try:
        yield
    except (ApiException, QdrantException) as error:
        raise IndexUnavailable(
            "The vector server could not do this.", retry_after_seconds=5
        ) from error


def _vectors(passage: PassageVector) -> dict[str, list[float] | models.SparseVector]:
    vectors: dict[str, list[float] | models.SparseVector] = {DENSE: passage.vector}
    if passage.words.indices:  # a passage may be all signs and no word
        indices, values = passage.words.indices, passage.words.values
        vectors[WORDS] = models.SparseVector(indices=indices, values=values)
    return vectors


def _is(field: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def _version(tenant: str, version_id: str) -> models.Filter:
    return models.Filter(must=[_is("tenant", tenant), _is("version", version_id)])


def _owned(scope: Scope) -> models.Filter:
    """The corpus of rarity: the scope's collections, all epochs of them. Whoever reads one epoch
    may read the collection, and asking for epochs as well would treble the time."""
    collections = models.MatchAny(any=[view.collection_id for view in scope.views])
    return models.Filter(
        must=[
            _is("tenant", scope.tenant),
            models.FieldCondition(key="collection", match=collections),
        ]
    )


def _readable(scope: Scope, also: Sequence[models.FieldCondition] = ()) -> models.Filter:
    seen = models.Filter(should=[_seen(v) for v in scope.views])
    narrowed: list[models.FieldCondition] = list(also)
    if scope.only_versions is not None:
        wanted = models.MatchAny(any=list(scope.only_versions))
        narrowed.append(models.FieldCondition(key="version", match=wanted))
    return models.Filter(must=[_is("tenant", scope.tenant), seen, *narrowed])


def _seen(view: CollectionView) -> models.Filter:
    return models.Filter(
        must=[
            _is("collection", view.collection_id),
            models.FieldCondition(key="from_epoch", range=models.Range(lte=view.epoch)),
            models.FieldCondition(key="until_epoch", range=models.Range(gt=view.epoch)),
        ]
    )
