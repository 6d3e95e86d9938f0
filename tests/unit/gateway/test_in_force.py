"""Operators see what the installation runs with, and nothing that opens it."""

import pytest
from pydantic import SecretStr

from gateway.in_force.rules import in_force
from gateway.server_settings import MailServer
from gateway.settings import Settings
from runtime.settings import SharedSettings
from tests.support.gateway import Person, RunningGateway

SECRET = "a word that opens the letterbox"
HIDDEN = ("SECRET", "PASSWORD", "DATABASE", "BLOBS", "S3", "PATH", "FILE_PATH", "RETRIEVAL_URL")


@pytest.fixture
def settings() -> Settings:
    mail = MailServer(
        host="mail.example.org",
        sender="stoa@example.org",
        username="stoa",
        password=SecretStr(SECRET),
    )
    return Settings(
        database_url=SecretStr(f"postgresql://stoa:{SECRET}@db/stoa"),
        mail=mail,
        shared=SharedSettings(service_secret=SecretStr(f"{SECRET} 0123456789")),
    )


def test_every_setting_shown_has_its_variable_and_its_default(settings: Settings) -> None:
    shown = {each.name: each for each in in_force(settings)}

    assert shown["GATEWAY_SIGN_UP"].value == "invite"
    assert shown["GATEWAY_MAIL__HOST"].value == "mail.example.org"
    assert not shown["GATEWAY_MAIL__HOST"].is_default
    assert shown["GATEWAY_SESSIONS__DAYS"].is_default
    assert shown["GATEWAY_MONEY__TIME_ZONE"].default == "UTC"


def test_no_secret_and_no_place_is_shown(settings: Settings) -> None:
    shown = in_force(settings)

    assert not [each.name for each in shown if any(word in each.name for word in HIDDEN)]
    assert not [each.name for each in shown if SECRET in each.value]


def test_only_operators_see_them(gateway: RunningGateway, ada: Person) -> None:
    olivia = gateway.enrol("Olivia", is_operator=True)
    _, seen = olivia.get("/v1/admin/settings")
    status, problem = ada.get("/v1/admin/settings")

    assert "GATEWAY_SIGN_UP" in {each["name"] for each in seen["data"]}
    assert (status, problem["code"]) == (403, "settings_not_yours")
