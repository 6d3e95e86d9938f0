"""HTTP clients to our own services: every call carries the request's id and the trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx2

from runtime import telemetry
from runtime.carrying import carried

_NO_LIMITS = httpx2.Limits()


def service_client(
    base_url: str, timeout: httpx2.Timeout | float, limits: httpx2.Limits = _NO_LIMITS
) -> httpx2.AsyncClient:
    """A client for one service."""
    # A transport of our own also ignores proxies of the environment: neighbours are never behind
    # somebody's proxy.
    inner = httpx2.AsyncHTTPTransport(verify=known_authorities(), limits=limits, trust_env=False)
    transport = _Carrying(inner)
    return httpx2.AsyncClient(base_url=base_url, timeout=timeout, transport=transport)


def service_client_in_thread(base_url: str, timeout: httpx2.Timeout | float) -> httpx2.Client:
    """The same for code that waits in its thread."""
    inner = httpx2.HTTPTransport(verify=known_authorities(), trust_env=False)
    transport = _CarryingInThread(inner)
    return httpx2.Client(base_url=base_url, timeout=timeout, transport=transport)


@cache
def known_authorities() -> SSLContext:
    """The machine's list of those who vouch for certificates.

    Reading it takes a tenth of a second, so all clients of a process share one.
    """
    return httpx2.create_ssl_context(trust_env=False)


class _Carrying(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        with _called(request) as span:
            response = await self._inner.handle_async_request(request)
            _note(span, response)
            return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _CarryingInThread(httpx2.BaseTransport):
    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with _called(request) as span:
            response = self._inner.handle_request(request)
            _note(span, response)
            return response

    def close(self) -> None:
        self._inner.close()


@contextmanager
def _called(request: httpx2.Request) -> Iterator[telemetry.Span]:
    """The span of a call ends with the answer's headers; a stream goes on after it."""
    # Only the method: a path holds ids, and a route is known to the one who answers.
    attributes = {
        "http.request.method": request.method,
        "server.address": urlsplit(str(request.url)).netloc,
    }
    with telemetry.span(request.method, "client", attributes) as span:
        request.headers.update(carried())
        yield span


def _note(span: telemetry.Span, response: httpx2.Response) -> None:
    span.note({"http.response.status_code": response.status_code})
    if response.is_error:
        span.fail(str(response.status_code))
