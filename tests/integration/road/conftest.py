"""One real Stoa for all tests of the road: real engines, the real 0.5B model, an operator."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from openai import OpenAI

from tests.support.stack import Stack, claim, running_stack


@dataclass(frozen=True)
class Builder:
    """A person with a session, a key and the official SDK."""

    http: httpx2.Client
    sdk: OpenAI
    key: str


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running_stack() as stack:
        yield stack


@pytest.fixture(scope="package")
def olivia(stack: Stack) -> Iterator[Builder]:
    session = claim(stack)
    with httpx2.Client(
        base_url=stack.gateway, headers={"authorization": f"Bearer {session}"}, timeout=120
    ) as http:
        made = http.post("/v1/keys", json={"name": "tests"}).json()
        with OpenAI(base_url=f"{stack.gateway}/v1", api_key=made["key"], timeout=120) as sdk:
            yield Builder(http=http, sdk=sdk, key=made["key"])
