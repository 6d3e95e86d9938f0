"""Sockets to addresses that were checked, whatever name the request is for; bytes are counted."""

import ssl
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2

from runtime.outbound.errors import NotReachable, TooLarge

UNPROVEN = "The server could not prove that it is the one the address names."


class Meter:
    """How many bytes may still come off the wire, headers and framing included."""

    def __init__(self, left: int) -> None:
        self._left = left

    def allow(self, more: int) -> None:
        self._left += more

    def count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge("The server's answer is larger than is read here.", param="url")


class Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the given IP addresses in turn. Names are for TLS and the Host header only."""

    def __init__(self, addresses: Sequence[str], meter: Meter) -> None:
        self._addresses = addresses
        self._meter = meter
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A stream to the first address that answers."""
        del host, local_address  # it was resolved and checked before
        failure: Exception = httpcore2.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = await self._inner.connect_tcp(
                    address, port, timeout=timeout, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Metered(stream, self._meter)
        raise failure


class _Metered(httpcore2.AsyncNetworkStream):
    """A stream whose every byte is counted before it is looked at."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        block = await self._inner.read(max_bytes, timeout)
        self._meter.count(len(block))
        return block

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the library's
    ) -> httpcore2.AsyncNetworkStream:
        """The stream under TLS, counted as plain text."""
        try:
            secured = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except httpcore2.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                # The public server's own affair: all other failures sound alike.
                raise NotReachable(UNPROVEN, param="url") from error
            raise
        return _Metered(secured, self._meter)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
