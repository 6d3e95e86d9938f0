"""Secrets come from files that the environment names, and a bad file is named in one sentence."""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from runtime.secret_files import FileSettings, SecretFileRefused
from runtime.settings import SharedSettings

LONG = "a service secret that only tests know"


class Bucket(BaseModel):
    name: str = "stoa"
    secret: SecretStr | None = None


class Kiosk(FileSettings):
    model_config = SettingsConfigDict(
        env_prefix="KIOSK_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    password: SecretStr | None = None
    menu_file: Path | None = None
    bucket: Bucket = Bucket()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("geheim\n")
    return path


def test_a_file_gives_the_variable_its_content(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("KIOSK_PASSWORD_FILE", str(secret))

    assert Kiosk().password == SecretStr("geheim")


def test_a_nested_setting_can_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("KIOSK_BUCKET__SECRET_FILE", str(secret))
    monkeypatch.setenv("KIOSK_BUCKET__NAME", "larder")

    assert Kiosk().bucket == Bucket(name="larder", secret=SecretStr("geheim"))


def test_a_setting_that_is_a_path_stays_a_path(
    monkeypatch: pytest.MonkeyPatch, secret: Path
) -> None:
    monkeypatch.setenv("KIOSK_MENU_FILE", str(secret))

    assert Kiosk().menu_file == secret


def test_a_file_of_nobodys_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_RECIPE_FILE", "/nowhere")

    assert Kiosk().password is None


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), ("", "is empty"), (b"\xff", "text")]
)
def test_a_file_that_cannot_be_taken_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | bytes | None, why: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("KIOSK_PASSWORD_FILE", str(path))

    with pytest.raises(SecretFileRefused, match=f"KIOSK_PASSWORD_FILE: .*{why}"):
        Kiosk()


def test_a_secret_is_given_once(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("KIOSK_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("KIOSK_PASSWORD", "other")

    with pytest.raises(SecretFileRefused, match="KIOSK_PASSWORD and KIOSK_PASSWORD_FILE"):
        Kiosk()


def test_a_password_is_put_into_its_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "redis").write_text("p@ss/word\n")
    monkeypatch.setenv("STOA_SERVICE_SECRET", LONG)
    monkeypatch.setenv("STOA_REDIS_URL", "redis://valkey:6379/0")
    monkeypatch.setenv("STOA_REDIS_PASSWORD_FILE", str(tmp_path / "redis"))

    url = SharedSettings().redis_url

    assert str(url) == "redis://:p%40ss%2Fword@valkey:6379/0"


def test_an_address_with_a_password_takes_no_second_one() -> None:
    with pytest.raises(ValidationError, match="STOA_REDIS_PASSWORD is set: one is enough"):
        SharedSettings(
            service_secret=SecretStr(LONG),
            redis_url="redis://:one@valkey:6379/0",
            redis_password=SecretStr("two"),
        )
