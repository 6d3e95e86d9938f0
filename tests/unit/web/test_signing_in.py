"""Claim, sign in, sign out, and where one lands."""

import pytest

from tests.support.gateway_standin import Standin
from tests.support.web_people import PASSWORD, Person, words_of

CLAIM = {
    "name": "Olivia",
    "email": "olivia@example.org",
    "password": "colonnade in the shade",
    "password_again": "colonnade in the shade",
}


def test_the_one_time_link_makes_the_operator_and_signs_them_in(
    stranger: Person, standin: Standin
) -> None:
    standin.claim_token = "once"

    response = stranger.post("/claim", {"token": "once", **CLAIM})

    assert response.headers["location"] == "/studio/new"
    assert "Olivia" in words_of(stranger.get("/account"))


def test_a_used_link_is_said_to_be_used(stranger: Person) -> None:
    response = stranger.post("/claim", {"token": "once", **CLAIM})

    assert response.status_code == 400
    assert "This link has been used" in words_of(response)


def test_two_different_passwords_claim_nothing(stranger: Person, standin: Standin) -> None:
    standin.claim_token = "once"

    response = stranger.post("/claim", {"token": "once", **CLAIM, "password_again": "other"})

    assert "The two passwords differ." in words_of(response)
    assert standin.claim_token == "once"


def test_what_was_typed_stays_in_a_refused_form(stranger: Person) -> None:
    response = stranger.post("/claim", {"token": "once", **CLAIM, "email": "not an address"})

    assert response.status_code == 422
    assert 'value="not an address"' in response.text
    assert "colonnade" not in response.text


def test_a_wrong_password_is_refused_on_the_form_itself(stranger: Person) -> None:
    response = stranger.post("/login", {"email": "ada@example.org", "password": "wrong"})

    assert response.status_code == 400
    assert "The email address or the password is not right." in words_of(response)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Person) -> None:
    response = stranger.post("/login", {"email": "ada@example.org", "password": PASSWORD})

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("test_session=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(stranger: Person) -> None:
    stranger.client.base_url = "https://stoa.example"

    response = stranger.post("/login", {"email": "ada@example.org", "password": PASSWORD})

    assert response.headers["set-cookie"].startswith("__Host-test_session=")
    assert "Secure" in response.headers["set-cookie"]
    assert "strict-transport-security" in response.headers


@pytest.mark.parametrize("path", ["/studio", "/chat", "/account", "/admin/usage", "/studio/new"])
def test_strangers_are_sent_to_the_door_and_back(stranger: Person, path: str) -> None:
    response = stranger.get(path)

    assert (response.status_code, response.headers["location"]) == (303, f"/login?next={path}")


def test_after_signing_in_one_is_where_one_wanted_to_go(stranger: Person) -> None:
    fields = {"email": "ada@example.org", "password": PASSWORD, "next": "/studio?after=x"}

    response = stranger.post("/login", fields)

    assert response.headers["location"] == "/studio?after=x"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_signing_in_never_leads_to_another_site(stranger: Person, elsewhere: str) -> None:
    fields = {"email": "ada@example.org", "password": PASSWORD, "next": elsewhere}

    response = stranger.post("/login", fields)

    assert response.headers["location"] == "/"


def test_signing_out_ends_the_session_at_the_gateway_too(ada: Person, standin: Standin) -> None:
    response = ada.post("/logout")

    assert response.headers["location"] == "/login"
    assert standin.sessions == {}
    assert ada.get("/studio").status_code == 303


def test_a_session_that_ended_elsewhere_leads_to_the_door(ada: Person, standin: Standin) -> None:
    standin.sessions.clear()

    response = ada.get("/studio")

    assert response.headers["location"] == "/login?next=/studio"


def test_an_unclaimed_installation_says_where_its_link_is(
    stranger: Person, standin: Standin
) -> None:
    standin.claim_token = "once"

    assert "one-time link" in words_of(stranger.get("/"))
