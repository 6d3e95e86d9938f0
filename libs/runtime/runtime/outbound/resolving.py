"""Names to IP addresses: asked once for each hop, and all answers must be public."""

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Protocol

from runtime.outbound.addresses import WebAddress
from runtime.outbound.checking import is_ip
from runtime.outbound.errors import NO_PUBLIC_SERVER, AddressForbidden, NotReachable
from runtime.outbound.networks import is_forbidden
from runtime.outbound.policy import OutboundPolicy

MOST_ANSWERS = 4
"""How many of a name's addresses are tried."""


class Resolver(Protocol):
    """Finds the addresses of a name."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses, best first. Raises OSError when there is none."""
        ...


class SystemResolver:
    """The machine's own resolver, asked in a thread of its own."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses, best first."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()

        def ask() -> None:
            found: list[str] | OSError
            try:
                found = _asked(host, port)
            except (OSError, UnicodeError) as error:
                found = error if isinstance(error, OSError) else OSError(str(error))
            with suppress(RuntimeError):  # the one who asked has left, and closed its loop
                loop.call_soon_threadsafe(_tell, answer, found)

        # Not the loop's executor: a question nobody answers would hold up the loop's end.
        threading.Thread(target=ask, name="resolver", daemon=True).start()
        return await answer


async def public_addresses(
    address: WebAddress, policy: OutboundPolicy, resolver: Resolver
) -> list[str]:
    """Where a socket may be opened for this address. One answer that is not public spoils all."""
    if is_ip(address.host):
        return [address.host]  # checked when it was parsed
    try:
        async with asyncio.timeout(policy.connect_seconds):
            found = list(dict.fromkeys(await resolver.addresses(address.host, address.port)))
    except (OSError, TimeoutError):
        found = []
    if not found:
        raise NotReachable(NO_PUBLIC_SERVER, param="url")
    if any(is_forbidden(each, policy) for each in found):
        raise AddressForbidden(NO_PUBLIC_SERVER, param="url")
    return found[:MOST_ANSWERS]


def _asked(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


def _tell(answer: asyncio.Future[list[str]], found: list[str] | OSError) -> None:
    if answer.done():  # given up meanwhile
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)
