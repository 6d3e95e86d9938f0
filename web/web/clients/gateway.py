"""Calls to the gateway with a visitor's own session."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx2
from pydantic import BaseModel

from contracts.clients.http import parsed, remote_error, unreachable
from contracts.errors import ErrorKind, StoreError

M = TypeVar("M", bound=BaseModel)

SERVICE = "gateway"
Query = Mapping[str, str | int]
_JSON = {"content-type": "application/json"}
UPLOAD_TIMEOUT = httpx2.Timeout(10, read=120, write=120)


class AddressTooLong(StoreError):
    """What somebody typed became a part of an address, and none is that long."""

    kind = ErrorKind.INVALID
    code = "invalid_request"


class Gateway:
    """What every resource's client stands on: one pool, sessions as bearer tokens, typed answers.

    Every method raises RemoteError for what the gateway refuses, ServiceUnavailable when it
    does not answer.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def get(
        self, kind: type[M], token: str | None, path: str, query: Query | None = None
    ) -> M:
        """Read a resource."""
        return await self._call(kind, token, self.request("GET", path, params=query))

    async def post(
        self,
        kind: type[M],
        token: str | None,
        path: str,
        body: BaseModel | None = None,
        timeout_seconds: float | None = None,
    ) -> M:
        """Make or change a resource. Fields that were not set are not sent.

        timeout_seconds: for what takes a model's time; None: as for every call.
        """
        content = "{}" if body is None else body.model_dump_json(exclude_unset=True)
        patience = {} if timeout_seconds is None else {"timeout": timeout_seconds}
        request = self.request("POST", path, content=content, headers=_JSON, **patience)
        return await self._call(kind, token, request)

    async def post_once(
        self, kind: type[M], token: str, path: str, key: str, body: BaseModel | None = None
    ) -> M:
        """Make a resource once, however often it is asked for under this key."""
        headers = _JSON | {"idempotency-key": key}
        content = "{}" if body is None else body.model_dump_json(exclude_unset=True)
        request = self.request("POST", path, content=content, headers=headers)
        return await self._call(kind, token, request)

    async def put(self, kind: type[M], token: str, path: str, body: BaseModel) -> M:
        """Put a resource in another state. Fields that were not set are not sent."""
        content = body.model_dump_json(exclude_unset=True)
        request = self.request("PUT", path, content=content, headers=_JSON)
        return await self._call(kind, token, request)

    async def put_bytes(self, kind: type[M], token: str, path: str, content: bytes) -> M:
        """Put bytes in a resource's place."""
        headers = {"content-type": "application/octet-stream"}
        request = self.request(
            "PUT", path, content=content, headers=headers, timeout=UPLOAD_TIMEOUT
        )
        return await self._call(kind, token, request)

    async def patch(self, kind: type[M], token: str, path: str, body: BaseModel) -> M:
        """Change some of a resource. Fields that were not set are not sent."""
        content = body.model_dump_json(exclude_unset=True)
        request = self.request("PATCH", path, content=content, headers=_JSON)
        return await self._call(kind, token, request)

    async def post_secret(
        self, kind: type[M], path: str, body: Mapping[str, str], token: str | None = None
    ) -> M:
        """Send credentials: contract types hide secrets when dumped, so these come plain."""
        return await self._call(kind, token, self.request("POST", path, json=body))

    async def delete(self, kind: type[M], token: str, path: str) -> M:
        """Delete a resource."""
        return await self._call(kind, token, self.request("DELETE", path))

    async def streamed(
        self, token: str | None, method: str, path: str, **parts: Any
    ) -> httpx2.Response:
        """An answer on its way, to be read as a stream and closed; parts as httpx2 takes them."""
        headers = headers_for(token) | {"accept": "*/*"}
        request = self.request(method, path, headers=headers, **parts)
        try:
            response = await self.http.send(request, stream=True)
            if response.is_error:
                await response.aread()
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        if response.is_error:
            raise remote_error(response)
        return response

    async def get_bytes(self, token: str | None, path: str) -> bytes:
        """A small answer that is no JSON, whole."""
        response = await self.streamed(token, "GET", path)
        try:
            return await response.aread()
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        finally:
            await response.aclose()

    def request(self, method: str, path: str, **parts: Any) -> httpx2.Request:
        """A call to be sent; parts as httpx2 takes them. Raises AddressTooLong."""
        try:
            return self.http.build_request(method, path, **parts)
        except httpx2.InvalidURL as error:
            raise AddressTooLong("Something in this is longer than anything there is.") from error

    async def _call(self, kind: type[M], token: str | None, request: httpx2.Request) -> M:
        request.headers.update(headers_for(token))
        try:
            response = await self.http.send(request)
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        return parsed(kind, response)


def headers_for(token: str | None) -> dict[str, str]:
    """Whose call it is."""
    headers = {"accept": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return headers


def no_answer(error: httpx2.HTTPError) -> StoreError:
    """The fact behind a transport error."""
    return unreachable(SERVICE, error)
