"""Web in this process, before a stand-in gateway on loopback, and its visitors."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from contracts.accounts import Power
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.serving import served
from tests.support.web_pages import web_settings
from tests.support.web_people import PASSWORD, Person, browser
from web.main import build_app


@pytest.fixture(scope="session")
def gateway_app() -> FastAPI:
    return standin_app(Standin())


@pytest.fixture(scope="session")
def gateway_url(gateway_app: FastAPI) -> Iterator[str]:
    with served(gateway_app) as url:
        yield url


@pytest.fixture
def standin(gateway_app: FastAPI) -> Standin:
    """A gateway that remembers nothing yet; claimed, with Ada its operator and Bob a member."""
    fresh = Standin()
    fresh.claim_token = None
    fresh.add_member("ada@example.org", PASSWORD, "Ada", Power.OWNER)
    fresh.add_member("bob@example.org", PASSWORD, "Bob")
    gateway_app.state.standin = fresh
    return fresh


@pytest.fixture(scope="session")
def app(gateway_url: str) -> FastAPI:
    """Web, which keeps nothing between tests; the memory behind it is each test's own."""
    return build_app(web_settings(gateway_url))


@pytest.fixture
def web_app(app: FastAPI, standin: Standin) -> FastAPI:
    del standin  # must be in place first
    return app


@pytest.fixture
def stranger(web_app: FastAPI) -> Iterator[Person]:
    with browser(web_app) as client:
        yield Person(client)


@pytest.fixture
def ada(web_app: FastAPI) -> Iterator[Person]:
    with browser(web_app) as client:
        person = Person(client)
        person.sign_in("ada@example.org")
        yield person


@pytest.fixture
def bob(web_app: FastAPI) -> Iterator[Person]:
    with browser(web_app) as client:
        person = Person(client)
        person.sign_in("bob@example.org")
        yield person


@pytest.fixture
def assistant_of_ada(ada: Person) -> str:
    response = ada.post("/studio", {"name": "Guide", "starters": ["What was a stoa?", ""]})
    return response.headers["location"].removeprefix("/studio/").partition("#")[0]
