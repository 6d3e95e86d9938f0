"""Forms that did not come from this visitor's own pages change nothing."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.support.gateway_standin import Standin
from tests.support.web_people import PASSWORD, Person, words_of
from web.forgery import FormTokens, StaleForm
from web.forms import submitted_form


def test_a_form_without_a_token_is_refused(ada: Person, standin: Standin) -> None:
    response = ada.client.post("/studio", data={"name": "Guide"})

    assert response.status_code == 403
    assert standin.assistants == {}


def test_a_token_of_another_visitor_is_refused(ada: Person, bob: Person, standin: Standin) -> None:
    response = ada.client.post("/studio", data={"name": "Guide", "form_token": bob.token()})

    assert response.status_code == 403
    assert "out of date" in words_of(response)
    assert standin.assistants == {}


def test_a_token_from_before_signing_in_is_refused_afterwards(stranger: Person) -> None:
    token = stranger.token()
    stranger.sign_in("ada@example.org")

    response = stranger.client.post("/studio", data={"name": "Guide", "form_token": token})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_is_refused_even_with_a_token(
    ada: Person, standin: Standin, headers: dict[str, str]
) -> None:
    response = ada.post("/studio", {"name": "Guide"}, headers=headers)

    assert response.status_code == 403
    assert standin.assistants == {}


def test_a_foreign_site_cannot_sign_a_visitor_in(stranger: Person) -> None:
    fields = {"email": "ada@example.org", "password": PASSWORD}

    response = stranger.post("/login", fields, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}]
)
def test_forms_of_our_own_pages_are_taken(ada: Person, headers: dict[str, str]) -> None:
    response = ada.post("/studio", {"name": "Guide"}, headers=headers)

    assert response.status_code == 303


def test_tokens_of_one_visitor_differ_and_all_hold() -> None:
    tokens = FormTokens(b"k" * 32)
    first, second = tokens.make("visit.session"), tokens.make("visit.session")

    assert first != second
    tokens.check(first, "visit.session")
    tokens.check(second, "visit.session")


@pytest.mark.parametrize("token", ["", "x", "ünicode", "A" * 64, "%%%"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(StaleForm):
        FormTokens(b"k" * 32).check(token, "visit.session")


def every_route(app: FastAPI) -> Iterator[APIRoute]:
    """The routes of all routers that the app includes."""
    for entry in app.routes:
        router = getattr(entry, "original_router", None)
        for route in [entry] if router is None else router.routes:
            if isinstance(route, APIRoute):
                yield route


def test_every_route_that_changes_something_reads_its_form_token(web_app: FastAPI) -> None:
    changing = [
        route for route in every_route(web_app) if (route.methods or set()) - {"GET", "HEAD"}
    ]
    unguarded = [
        route.path
        for route in changing
        if submitted_form not in {each.call for each in route.dependant.dependencies}
    ]

    assert changing
    assert unguarded == []
