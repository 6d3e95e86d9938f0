"""A Qdrant server for tests: the part of its REST API that our adapter calls, over HTTP.

    with qdrant_twin(api_key="…") as address:      # 0.1 s
        ...

No real server comes from any package registry. Points are kept by qdrant-client's own local mode,
so filters and scores are Qdrant's; what this adds is the wire: paths, bodies, keys, statuses.
"""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from qdrant_client import AsyncQdrantClient, models

from tests.support.serving import served

Answer = dict[str, Any]


class Refusal(Exception):
    """An answer with an error's status, in Qdrant's shape."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def _store(request: Request) -> AsyncQdrantClient:
    store: AsyncQdrantClient = request.state.store
    return store


Store = Annotated[AsyncQdrantClient, Depends(_store)]


def _answer(result: Any) -> Answer:
    if isinstance(result, BaseModel):
        result = result.model_dump(mode="json")
    return {"result": result, "status": "ok", "time": 0.0}


@contextmanager
def qdrant_twin(api_key: str | None = None) -> Iterator[str]:
    """The address of a running twin, empty at first."""
    with served(build_twin(api_key)) as address:
        yield address


def build_twin(api_key: str | None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        store = AsyncQdrantClient(":memory:")
        yield {"store": store}
        await store.close()

    def with_the_key(given: Annotated[str, Header(alias="api-key")] = "") -> None:
        if api_key is not None and not secrets.compare_digest(given, api_key):
            raise Refusal(403, "Must provide an API key or an Authorization bearer token")

    app = FastAPI(lifespan=lifespan)
    app.add_exception_handler(Refusal, _refused)
    app.add_api_route("/readyz", _ready)
    guard = [Depends(with_the_key)]
    app.add_api_route("/collections", _collections, dependencies=guard)
    for method, path, handler in ROUTES:
        place = f"/collections/{{name}}{path}"
        app.add_api_route(place, handler, methods=[method], dependencies=guard)
    return app


async def _ready() -> PlainTextResponse:
    return PlainTextResponse("all shards are ready")


async def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    body = {"status": {"error": error.message}, "time": 0.0}
    return JSONResponse(body, status_code=error.status)


async def _collections(store: Store) -> Answer:
    return _answer(await store.get_collections())


async def _exists(name: str, store: Store) -> Answer:
    return _answer({"exists": await store.collection_exists(name)})


async def _create(name: str, asked: models.CreateCollection, store: Store) -> Answer:
    if await store.collection_exists(name):
        raise Refusal(409, f"Wrong input: Collection `{name}` already exists!")
    made = await store.create_collection(
        name, vectors_config=asked.vectors, sparse_vectors_config=asked.sparse_vectors
    )
    return _answer(made)


async def _drop(name: str, store: Store) -> Answer:
    return _answer(await store.delete_collection(name))


async def _index(name: str, asked: models.CreateFieldIndex, store: Store) -> Answer:
    del asked  # local mode filters without payload indexes
    await _must_exist(name, store)
    return _answer({"operation_id": 0, "status": "completed"})


async def _retrieve(name: str, asked: models.PointRequest, store: Store) -> Answer:
    await _must_exist(name, store)
    found = await store.retrieve(name, asked.ids, with_payload=asked.with_payload or False)
    return _answer([record.model_dump(mode="json") for record in found])


async def _upsert(name: str, asked: models.PointsList, store: Store) -> Answer:
    await _must_exist(name, store)
    return _answer(await store.upsert(name, asked.points, update_filter=asked.update_filter))


async def _delete(name: str, asked: models.FilterSelector, store: Store) -> Answer:
    await _must_exist(name, store)
    return _answer(await store.delete(name, asked))


async def _count(name: str, asked: models.CountRequest, store: Store) -> Answer:
    await _must_exist(name, store)
    return _answer(await store.count(name, count_filter=asked.filter, exact=asked.exact or False))


async def _query(name: str, asked: models.QueryRequest, store: Store) -> Answer:
    await _must_exist(name, store)
    nearest = asked.query
    vector = nearest.nearest if isinstance(nearest, models.NearestQuery) else nearest
    found = await store.query_points(
        name,
        query=vector,
        using=asked.using,
        query_filter=asked.filter,
        search_params=asked.params,
        limit=asked.limit or 10,
        with_payload=True,
    )
    return _answer(found)


async def _set_payload(name: str, asked: models.SetPayload, store: Store) -> Answer:
    await _must_exist(name, store)
    if asked.filter is None:
        raise Refusal(400, "Wrong input: the twin sets payloads by filter only")
    return _answer(await store.set_payload(name, asked.payload, points=asked.filter))


async def _must_exist(name: str, store: AsyncQdrantClient) -> None:
    if not await store.collection_exists(name):
        raise Refusal(404, f"Not found: Collection `{name}` doesn't exist!")


ROUTES = (
    ("GET", "/exists", _exists),
    ("PUT", "", _create),
    ("DELETE", "", _drop),
    ("PUT", "/index", _index),
    ("POST", "/points", _retrieve),
    ("PUT", "/points", _upsert),
    ("POST", "/points/delete", _delete),
    ("POST", "/points/count", _count),
    ("POST", "/points/query", _query),
    ("POST", "/points/payload", _set_payload),
)
