"""Retrieval as the gateway (async) and the ingest worker (sync) call it."""

from collections.abc import AsyncIterator

import httpx2

from contracts.clients.http import Sign, parsed, remote_error, unreachable
from contracts.passages import (
    EmbeddingRequest,
    EmbeddingResult,
    EmbeddingStamp,
    PassageBatch,
    PassageCount,
    RerankRequest,
    RerankResult,
    Reveal,
    SearchModels,
    SearchRequest,
    SearchResult,
)
from contracts.principal import Principal

SERVICE = "retrieval"


class RetrievalClient:
    """Questions to retrieval, for a principal whose grants become the filter."""

    def __init__(self, http: httpx2.AsyncClient, sign: Sign) -> None:
        self._http = http
        self._sign = sign

    async def search(self, principal: Principal, request: SearchRequest) -> SearchResult:
        """The passages nearest to a question among those the principal may read."""
        return parsed(SearchResult, await self._post("/v1/search", principal, request))

    async def embed(self, principal: Principal, request: EmbeddingRequest) -> EmbeddingResult:
        """Unit vectors of texts, by the model the index is built with."""
        return parsed(EmbeddingResult, await self._post("/v1/embeddings", principal, request))

    async def rerank(self, principal: Principal, request: RerankRequest) -> RerankResult:
        """How well texts answer a question. RemoteError 404: no reranker is set up."""
        return parsed(RerankResult, await self._post("/v1/rerank", principal, request))

    async def models(self, principal: Principal) -> SearchModels:
        """The models that search is made of."""
        try:
            response = await self._http.get("/v1/models", headers=_headers(self._sign(principal)))
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error
        return parsed(SearchModels, response)

    async def copy_index(self) -> AsyncIterator[bytes]:
        """The whole index as a compressed tar file. RemoteError 404: a Qdrant server has it."""
        headers = _headers(self._sign(Principal(write=True)))
        try:
            async with self._http.stream("GET", "/v1/index", headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise remote_error(response)
                async for block in response.aiter_bytes():
                    yield block
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error

    def writing(self) -> "AsyncIndexClient":
        """The same connections, for a principal with `write`."""
        return AsyncIndexClient(self._http, self._sign)

    async def _post(
        self,
        path: str,
        principal: Principal,
        body: SearchRequest | EmbeddingRequest | RerankRequest,
    ) -> httpx2.Response:
        try:
            return await self._http.post(
                path,
                content=body.model_dump_json(),
                headers=_headers(self._sign(principal)),
            )
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error


class IndexClient:
    """Writes to the index, for a principal with `write`. Every call is safe to repeat."""

    def __init__(self, http: httpx2.Client, sign: Sign) -> None:
        self._http = http
        self._sign = sign

    def stamp(self, principal: Principal) -> EmbeddingStamp:
        """The stamp the index accepts."""
        return parsed(EmbeddingStamp, self._send("GET", "/v1/stamp", principal))

    def put(self, principal: Principal, batch: PassageBatch) -> None:
        """Store vectors, unseen until revealed. Raises RemoteError `stamp_mismatch` (409)."""
        parsed(
            PassageCount,
            self._send("PUT", "/v1/passages", principal, batch.model_dump_json()),
        )

    def reveal(self, principal: Principal, reveal: Reveal) -> None:
        """Make a version current and end the one it replaces."""
        parsed(
            PassageCount,
            self._send("POST", "/v1/passages/reveal", principal, reveal.model_dump_json()),
        )

    def purge(self, principal: Principal, document_version_id: str) -> PassageCount:
        """Delete all vectors of a version; the count left is verified, and should be 0."""
        return parsed(
            PassageCount,
            self._send("DELETE", f"/v1/versions/{document_version_id}", principal),
        )

    def count(self, principal: Principal, document_version_id: str) -> PassageCount:
        """How many vectors of a version the index holds."""
        return parsed(
            PassageCount, self._send("GET", f"/v1/versions/{document_version_id}", principal)
        )

    def _send(
        self, method: str, path: str, principal: Principal, body: str | None = None
    ) -> httpx2.Response:
        try:
            return self._http.request(
                method, path, content=body, headers=_headers(self._sign(principal))
            )
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error


class AsyncIndexClient:
    """Writes to the index as IndexClient does, beside requests that are being answered."""

    def __init__(self, http: httpx2.AsyncClient, sign: Sign) -> None:
        self._http = http
        self._sign = sign

    async def put(self, principal: Principal, batch: PassageBatch) -> None:
        """Store vectors, unseen until revealed. Raises RemoteError `stamp_mismatch` (409)."""
        await self._send("PUT", "/v1/passages", principal, batch.model_dump_json())

    async def reveal(self, principal: Principal, reveal: Reveal) -> None:
        """Make a version current and end the one it replaces."""
        await self._send("POST", "/v1/passages/reveal", principal, reveal.model_dump_json())

    async def purge(self, principal: Principal, document_version_id: str) -> int:
        """Delete all vectors of a version; how many are left, which should be 0."""
        return await self._send("DELETE", f"/v1/versions/{document_version_id}", principal)

    async def count(self, principal: Principal, document_version_id: str) -> int:
        """How many vectors of a version the index holds, revealed or not."""
        return await self._send("GET", f"/v1/versions/{document_version_id}", principal)

    async def _send(
        self, method: str, path: str, principal: Principal, body: str | None = None
    ) -> int:
        headers = _headers(self._sign(principal))
        try:
            response = await self._http.request(method, path, content=body, headers=headers)
        except httpx2.HTTPError as error:
            raise unreachable(SERVICE, error) from error
        return parsed(PassageCount, response).count


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}
