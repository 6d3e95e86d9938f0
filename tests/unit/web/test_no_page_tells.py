"""Every page of web, as everybody who may look: no secret, no hash, no path, no trace (T10)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from contracts.accounts import Power
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_app import standin_app
from tests.support.serving import served
from tests.support.web_pages import SERVICE_SECRET, web_settings
from tests.support.web_people import PASSWORD, Person, browser
from tests.unit.web.test_odd_texts import (
    ENDLESS,
    ODD,
    SIGNED_OUT,
    address,
    fields_of,
    not_here,
    routes,
)
from web.forms import TOKEN_FIELD
from web.main import build_app

TOLD = (
    *("Traceback", "site-packages", 'File "/', "$argon2", "Bearer ", str(Path.cwd())),
    *(PASSWORD, SERVICE_SECRET, "127.0.0.1", "pydantic", "canary-of-sparta"),
)
PEOPLE = {"stranger": None, "member": "bob@example.org", "operator": "ada@example.org"}


@pytest.fixture(scope="module")
def standin() -> Standin:
    """Ada and Bob in one city; Sparta's assistant is nobody's here."""
    made = Standin()
    made.claim_token = None
    made.add_member("ada@example.org", PASSWORD, "Ada", Power.OWNER)
    made.add_member("bob@example.org", PASSWORD, "Bob")
    return made


@pytest.fixture(scope="module")
def app(standin: Standin) -> Iterator[FastAPI]:
    gateway = standin_app(standin)
    gateway.add_exception_handler(405, not_here)
    gateway.add_exception_handler(ValueError, not_here)
    with served(gateway) as gateway_url:
        yield build_app(web_settings(gateway_url))


@pytest.mark.parametrize(
    ("who", "accept"),
    [*((who, "text/html") for who in PEOPLE), ("operator", "application/json")],
)
def test_no_page_tells_what_no_page_may(
    app: FastAPI, standin: Standin, who: str, accept: str
) -> None:
    told, asked = {}, 0
    with browser(app) as client:
        person, email = Person(client), PEOPLE[who]
        if email is not None:
            person.sign_in(email)
        token = person.token()
        for route in routes(app):
            if route.path in (ENDLESS, SIGNED_OUT):
                continue
            fields = {**dict.fromkeys(fields_of(route), ODD), TOKEN_FIELD: token}
            for method in route.methods or ():
                for form in (fields, {}) if method == "POST" else (None,):
                    path = address(route.path, {})
                    headers = {"accept": accept}
                    page = client.request(method, path, data=form, headers=headers)
                    sessions = [each for each in standin.sessions if each in page.text]
                    found = [word for word in (*TOLD, *sessions) if word in page.text]
                    asked += 1
                    if found or page.status_code >= 500:
                        told[method, route.path] = (page.status_code, found)

    assert asked > 100
    assert told == {}
