"""People who come to a gateway without a session: they sign up, sign in, follow links."""

from typing import Any

import httpx2

from tests.support.gateway import Person

PASSWORD = "a walk under olive trees"


def call(http: httpx2.Client, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    """A POST by nobody in particular; of an error its inside."""
    answer = http.post(path, json=body, headers=headers)
    content = answer.json()
    return answer.status_code, content["error"] if answer.is_error else content


def sign_up(
    http: httpx2.Client, email: str, name: str = "Carol", password: str = PASSWORD, **more: str
) -> tuple[int, Any]:
    account = {"email": email, "name": name, "password": password, **more}
    return call(http, "/v1/accounts", account)


def sign_in(http: httpx2.Client, email: str, password: str = PASSWORD) -> tuple[int, Any]:
    return call(http, "/v1/sessions", {"email": email, "password": password})


def signed_in(http: httpx2.Client, email: str, password: str = PASSWORD) -> Person:
    """Somebody with a fresh session."""
    status, session = sign_in(http, email, password)
    assert status == 201, session
    return person_of(http, session)


def person_of(http: httpx2.Client, session: dict[str, Any]) -> Person:
    """Whoever a session was opened for."""
    member = session["member"]
    return Person(http, session["token"], member["id"], member["workspace"]["id"])
