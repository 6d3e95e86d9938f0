"""The first operator: made once, by the link or by the settings."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import SecretStr

from gateway.claim_link import claim_link
from gateway.settings import AdminAccount
from tests.support.gateway import RunningGateway, found, gateway_settings, running_gateway


def _token(gateway: RunningGateway) -> str:
    link = asyncio.run(claim_link(gateway.settings))
    assert link is not None
    return link.partition("?token=")[2]


def _claim(gateway: RunningGateway, token: str, email: str = "olivia@example.org") -> int:
    account = {"token": token, "email": email, "name": "Olivia", "password": "long enough words"}
    return gateway.http.post("/v1/accounts/claim", json=account).status_code


def test_the_link_makes_an_operator_who_is_signed_in(gateway: RunningGateway) -> None:
    account = {
        "token": _token(gateway),
        "email": "Olivia@Example.org",
        "name": "Olivia",
        "password": "long enough words",
    }

    session = gateway.http.post("/v1/accounts/claim", json=account).json()

    member = session["member"]
    assert (member["email"], member["is_operator"]) == ("olivia@example.org", True)
    assert member["workspace"]["power"] == "owner"
    assert session["token"].startswith("ses-stoa-")


def test_fifty_claims_at_once_make_one_operator(gateway: RunningGateway) -> None:
    token = _token(gateway)
    with ThreadPoolExecutor(50) as crowd:
        statuses = list(crowd.map(lambda n: _claim(gateway, token, f"p{n}@example.org"), range(50)))

    operators = asyncio.run(found(gateway.database_url, "SELECT email FROM members"))
    assert sorted(set(statuses)) == [201, 403]
    assert statuses.count(201) == 1
    assert len(operators) == 1


def test_each_link_voids_the_former(gateway: RunningGateway) -> None:
    first, second = _token(gateway), _token(gateway)

    assert _claim(gateway, first) == 403
    assert _claim(gateway, second) == 201


def test_there_is_no_link_once_somebody_runs_the_installation(gateway: RunningGateway) -> None:
    before = gateway.http.get("/v1/installation").json()["claimed"]
    _claim(gateway, _token(gateway))

    assert before is False
    assert gateway.http.get("/v1/installation").json()["claimed"] is True
    assert asyncio.run(claim_link(gateway.settings)) is None


def test_settings_make_the_operator_at_the_first_start(database_url: str, tmp_path: Path) -> None:
    admin = AdminAccount(email="olivia@example.org", password=SecretStr("long enough words"))
    settings = gateway_settings(database_url, tmp_path, admin=admin)
    with running_gateway(database_url, tmp_path, settings=settings) as gateway:
        credentials = {"email": "olivia@example.org", "password": "long enough words"}
        answer = gateway.http.post("/v1/sessions", json=credentials)

    assert answer.status_code == 201
    assert answer.json()["member"]["is_operator"] is True
    assert asyncio.run(claim_link(settings)) is None
