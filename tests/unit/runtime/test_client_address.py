"""Whose address a request has, when headers say this and that."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from starlette.types import Message, Receive, Scope, Send

from runtime.client_address import ClientAddress
from runtime.networks import networks
from runtime.settings import SharedSettings

PROXY, STRANGER = "172.20.0.5", "203.0.113.9"
PROXIES = networks("172.16.0.0/12, 10.1.2.3")


async def seen(peer: str, *headers: tuple[str, str], proxies: Any = PROXIES) -> tuple[str, str]:
    """Address and scheme as the app under the layer sees them."""
    found: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        found.append(scope)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        del message

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope: Scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": raw}
    await ClientAddress(app, proxies)(scope, receive, send)
    return found[0]["client"][0], found[0]["scheme"]


@pytest.mark.parametrize(
    ("given", "believed"),
    [
        ("203.0.113.9", STRANGER),
        ("6.6.6.6, 203.0.113.9", STRANGER),
        ("6.6.6.6, 203.0.113.9, 10.1.2.3", STRANGER),
        ("2001:db8::1", "2001:db8::1"),
        ("unknown", PROXY),
        ("6.6.6.6, <script>", PROXY),
        ("", PROXY),
        ("172.20.0.9", PROXY),
    ],
)
async def test_a_trusted_proxy_names_whom_it_saw_itself(given: str, believed: str) -> None:
    address, _ = await seen(PROXY, ("x-forwarded-for", given))

    assert address == believed


async def test_the_last_of_several_lines_is_the_proxys_own() -> None:
    lines = (("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", STRANGER))

    assert (await seen(PROXY, *lines))[0] == STRANGER


async def test_a_trusted_proxy_says_that_tls_ended_there() -> None:
    assert (await seen(PROXY, ("x-forwarded-proto", "https")))[1] == "https"
    assert (await seen(PROXY, ("x-forwarded-proto", "gopher")))[1] == "http"


@pytest.mark.parametrize("peer", [STRANGER, "127.0.0.1", "::1"])
async def test_nobody_else_is_believed(peer: str) -> None:
    headers = (("x-forwarded-for", "6.6.6.6"), ("x-forwarded-proto", "https"))

    assert await seen(peer, *headers) == (peer, "http")
    assert await seen(peer, *headers, proxies=()) == (peer, "http")


def test_a_bad_list_of_proxies_is_named_at_the_start() -> None:
    with pytest.raises(ValidationError, match="STOA_TRUSTED_PROXIES"):
        SharedSettings(trusted_proxies="nginx", service_secret=SecretStr("x" * 32))
