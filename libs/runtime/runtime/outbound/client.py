"""Reads one address that somebody gave: checked, pinned, bounded, each redirect as a new one.

    client = OutboundClient(policy)
    page = await client.fetch("https://example.org/rules", types=frozenset({"text/html"}))

It sends no cookie, no referrer and nothing of this installation's environment; a proxy of the
environment is not used, because a proxy would resolve the name a second time.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpcore2

from runtime.outbound.addresses import WebAddress, redirected
from runtime.outbound.bodies import PACKINGS, bounded_body, too_large
from runtime.outbound.checking import check, readable_address
from runtime.outbound.connecting import Meter, Pinned
from runtime.outbound.errors import (
    NO_PUBLIC_SERVER,
    AddressForbidden,
    NotReachable,
    TooLarge,
    TooManyHops,
    TooSlow,
    WrongType,
)
from runtime.outbound.policy import OutboundPolicy
from runtime.outbound.resolving import Resolver, SystemResolver, public_addresses

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_FRAMING_SHARE = 2
"""Of an answer sent in chunks, this many times its size may come off the wire at most."""
_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True)
class Fetched:
    """An answer. Without success (a status other than 2xx) its body is not read."""

    url: str
    status: int
    content_type: str
    charset: str | None
    content: bytes
    hops: int

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class _Hop:
    """One request on the way. headers: for the first server alone; another one never sees them."""

    address: WebAddress
    types: frozenset[str]
    headers: Mapping[str, str]
    seen: tuple[str, ...] = ()


class OutboundClient:
    """The only way to an address that a user gave."""

    def __init__(self, policy: OutboundPolicy, resolver: Resolver | None = None) -> None:
        self._policy = policy
        self._resolver = resolver or SystemResolver()
        self._tls: ssl.SSLContext | None = None

    async def fetch(
        self, url: str, *, types: frozenset[str], headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """The answer behind an address. Raises OutboundRefused in one of its kinds.

        types: content types taken; an answer without a type is taken too.
        """
        first = _Hop(readable_address(url, self._policy), types, headers or {})
        try:
            async with asyncio.timeout(self._policy.whole_seconds):
                return await self._followed(first)
        except TimeoutError as error:
            raise _too_slow() from error

    async def _followed(self, hop: _Hop) -> Fetched:
        while True:
            answer = await self._asked(hop)
            if isinstance(answer, Fetched):
                return answer
            hop = self._next(hop, answer)

    def _next(self, hop: _Hop, location: bytes) -> _Hop:
        """Where a redirect leads, checked like an address that a user gave."""
        target = redirected(hop.address, location)
        seen = (*hop.seen, str(hop.address))
        if str(target) in seen:
            raise TooManyHops("The address redirects in a circle.", param="url")
        if len(seen) > self._policy.hops:
            sentence = f"The address redirects more than {self._policy.hops} times."
            raise TooManyHops(sentence, param="url")
        if hop.address.is_secure and not target.is_secure:
            sentence = "The address redirects from https to http, which is not followed."
            raise AddressForbidden(sentence, param="url")
        check(target, self._policy)
        headers = hop.headers if target.origin == hop.address.origin else {}
        return _Hop(target, hop.types, headers, seen)

    async def _asked(self, hop: _Hop) -> Fetched | bytes:
        """One request: the answer, or where it redirects to."""
        addresses = await public_addresses(hop.address, self._policy, self._resolver)
        meter = Meter(self._policy.header_bytes)
        try:
            async with (
                self._connection(hop.address, addresses, meter) as connection,
                connection.stream(
                    "GET",
                    _as_given(hop.address),
                    headers=self._headers(hop),
                    extensions={"timeout": self._timeouts()},
                ) as response,
            ):
                return await self._read(hop, response, meter)
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            raise NotReachable(NO_PUBLIC_SERVER, param="url") from error
        except httpcore2.TimeoutException as error:
            raise _too_slow() from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            sentence = "The server's answer could not be read to its end."
            raise NotReachable(sentence, param="url") from error

    async def _read(self, hop: _Hop, response: httpcore2.Response, meter: Meter) -> Fetched | bytes:
        headers = self._checked_headers(response)
        if response.status in _REDIRECTS and "location" in headers:
            return headers["location"]
        kind = headers.get("content-type", b"").decode("latin-1")
        charset = _CHARSET.search(kind)
        answer = Fetched(
            url=str(hop.address),
            status=response.status,
            content_type=kind.partition(";")[0].strip().lower(),
            charset=charset[1] if charset else None,
            content=b"",
            hops=len(hop.seen),
        )
        if not answer.is_success:
            return answer
        if answer.content_type and answer.content_type not in hop.types:
            raise WrongType("The address leads to another kind of content.", param="url")
        return replace(answer, content=await self._body(response, headers, meter))

    async def _body(
        self, response: httpcore2.Response, headers: Mapping[str, bytes], meter: Meter
    ) -> bytes:
        limit = self._policy.body_bytes
        announced = headers.get("content-length", b"")
        if announced.isdigit() and int(announced) > limit:
            raise too_large(limit)
        meter.allow(_FRAMING_SHARE * limit)
        packing = headers.get("content-encoding", b"").decode("latin-1").strip().lower()
        return await bounded_body(response.aiter_stream(), packing, limit)

    def _checked_headers(self, response: httpcore2.Response) -> dict[str, bytes]:
        """The first of each name, lower-case. Their size was metered while they arrived."""
        if len(response.headers) > self._policy.header_count:
            raise TooLarge("The server's answer has too many headers.", param="url")
        found: dict[str, bytes] = {}
        for name, value in response.headers:
            found.setdefault(name.decode("latin-1").lower(), value)
        return found

    def _connection(
        self, address: WebAddress, addresses: list[str], meter: Meter
    ) -> httpcore2.AsyncConnectionPool:
        if address.is_secure and self._tls is None:  # reading the authorities takes a while
            self._tls = ssl.create_default_context()
            if self._policy.ca_file is not None:
                self._tls.load_verify_locations(self._policy.ca_file)
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, network_backend=Pinned(addresses, meter)
        )

    def _headers(self, hop: _Hop) -> list[tuple[str, str]]:
        ours = {
            "host": hop.address.authority,
            "user-agent": self._policy.user_agent,
            "accept": ", ".join(sorted(hop.types)) or "*/*",
            "accept-encoding": PACKINGS,
            "connection": "close",
        }
        theirs = {name.lower(): value for name, value in hop.headers.items()}
        return list({**theirs, **ours}.items())

    def _timeouts(self) -> dict[str, float]:
        policy = self._policy
        return {
            "connect": policy.connect_seconds,
            "read": policy.silence_seconds,
            "write": policy.silence_seconds,
            "pool": policy.connect_seconds,
        }


def _as_given(address: WebAddress) -> httpcore2.URL:
    """Its parts, not its text: nothing parses the address again."""
    return httpcore2.URL(
        scheme=address.scheme, host=address.host, port=address.port, target=address.target
    )


def _too_slow() -> TooSlow:
    return TooSlow("The server took too long to answer.", param="url")
