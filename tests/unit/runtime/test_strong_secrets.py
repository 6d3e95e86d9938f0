"""Every secret setting of every process: production does not start with a weak one (T18)."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from gateway.server_settings import MailServer, S3Access
from gateway.settings import AdminAccount
from gateway.settings import Settings as GatewaySettings
from inference.settings import OpenAiSettings
from inference.settings import Settings as InferenceSettings
from ingest.settings import IngestSettings
from retrieval.settings import Settings as RetrievalSettings
from runtime.settings import Environment, SharedSettings
from runtime.strong_secrets import WeakSecret, check_secrets, weakness
from seed.settings import Settings as SeedSettings
from web.settings import Settings as WebSettings

PROCESSES = (
    GatewaySettings,
    InferenceSettings,
    IngestSettings,
    RetrievalSettings,
    SharedSettings,
    WebSettings,
)
STRONG = "q7Zr0vLw2Tn9Xc4Bd6Yh8Km1Ps3Gf5Ja"
WEAK = {
    "short": "q7Zr0vL",
    "alike": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "sample": "changeme-changeme-changeme-12345",
}
NOT_OURS = {"SeedSettings.session", "SeedSettings.claim"}
"""One-time links and sessions that the launcher lends the seeding: no settings of a process."""

SHARED = SharedSettings(service_secret=SecretStr(STRONG))


def in_production(**fields: object) -> SharedSettings:
    given = {"service_secret": STRONG, "environment": Environment.PRODUCTION}
    return SharedSettings.model_validate({**given, **fields})


def gateway(**fields: object) -> GatewaySettings:
    url = f"postgresql+asyncpg://stoa:{STRONG}@db/stoa"
    return GatewaySettings.model_validate(
        {"database_url": url, "shared": in_production(), **fields}
    )


def key_file(folder: Path, value: str) -> Path:
    path = folder / "key"
    path.write_text(value)
    return path


def _mail(secret: str) -> MailServer:
    # Its own least length would refuse some of these before we look at them.
    return MailServer.model_construct(
        host="mail", username="stoa", password=SecretStr(secret), sender="stoa@example.org"
    )


def _admin(secret: str) -> AdminAccount:
    return AdminAccount.model_construct(email="a@example.org", password=SecretStr(secret))


def made_with(secret: str, folder: Path) -> dict[str, tuple[str, BaseModel]]:
    """Field -> its variable, and settings in which it is this secret."""
    engine = OpenAiSettings(
        kind="openai", model="m", url="http://engine/v1", api_key_file=key_file(folder, secret)
    )
    database = f"postgresql+asyncpg://stoa:{secret}@db/stoa"
    service_file = folder / "service"
    service_file.write_text(secret)
    return {
        "GatewaySettings.database_url": ("GATEWAY_DATABASE_URL", gateway(database_url=database)),
        "GatewaySettings.database_password": (
            "GATEWAY_DATABASE_URL",
            gateway(database_url="postgresql+asyncpg://stoa@db/stoa", database_password=secret),
        ),
        "S3Access.secret_access_key": (
            "GATEWAY_S3__SECRET_ACCESS_KEY",
            gateway(s3=S3Access(access_key_id="stoa", secret_access_key=SecretStr(secret))),
        ),
        "MailServer.password": (
            "GATEWAY_MAIL__PASSWORD",
            gateway(mail=_mail(secret)),
        ),
        "AdminAccount.password": (
            "STOA_ADMIN_PASSWORD",
            gateway(admin=_admin(secret)),
        ),
        "SharedSettings.redis_password": (
            "STOA_REDIS_URL",
            in_production(redis_url="redis://valkey:6379/0", redis_password=secret),
        ),
        "SharedSettings.service_secret": (
            "STOA_SERVICE_SECRET",
            SharedSettings.model_construct(service_secret=SecretStr(secret)),
        ),
        "SharedSettings.service_secret_file": (
            "STOA_SERVICE_SECRET_FILE",
            SharedSettings.model_construct(service_secret_file=service_file),
        ),
        "RetrievalSettings.qdrant_api_key": (
            "RETRIEVAL_QDRANT_API_KEY",
            RetrievalSettings(
                embedding_path="hashing", qdrant_api_key=SecretStr(secret), shared=in_production()
            ),
        ),
        "OpenAiSettings.api_key_file": (
            "INFERENCE_ENGINES__0__API_KEY_FILE",
            InferenceSettings(engines=(engine,), shared=in_production()),
        ),
    }


def secret_fields() -> Iterator[str]:
    """Every secret of every settings class: by type, or a file by name."""
    seen: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [*PROCESSES, SeedSettings, OpenAiSettings]
    while waiting:
        kind = waiting.pop()
        if kind in seen:
            continue
        seen.add(kind)
        for name, field in kind.model_fields.items():
            wanted = field.annotation
            if "SecretStr" in str(wanted) or name.endswith(("secret_file", "key_file")):
                yield f"{_label(kind)}.{name}"
            if inspect.isclass(wanted) and issubclass(wanted, BaseModel):
                waiting.append(wanted)


def _label(kind: type[BaseModel]) -> str:
    if kind.__name__ != "Settings":
        return kind.__name__
    return kind.__module__.partition(".")[0].title() + "Settings"


def test_every_secret_setting_has_a_row(tmp_path: Path) -> None:
    assert set(secret_fields()) == set(made_with(STRONG, tmp_path)) | NOT_OURS


@pytest.mark.parametrize("kind", WEAK)
def test_production_takes_no_weak_secret_anywhere(tmp_path: Path, kind: str) -> None:
    said = {}
    for field, (variable, settings) in made_with(WEAK[kind], tmp_path).items():
        with pytest.raises(WeakSecret) as refused:
            check_secrets(settings)
        said[field] = (str(refused.value), variable)

    assert all(words.startswith(f"{variable}: ") for words, variable in said.values()), said
    assert all(WEAK[kind] not in words and "\n" not in words for words, _ in said.values())


def test_production_takes_strong_ones(tmp_path: Path) -> None:
    for _, settings in made_with(STRONG, tmp_path).values():
        check_secrets(settings)


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (gateway(database_url="postgresql+asyncpg://stoa@db/stoa"), "GATEWAY_DATABASE_URL"),
        (in_production(redis_url="redis://valkey:6379/0"), "STOA_REDIS_URL"),
    ],
)
def test_production_takes_no_address_without_a_password(settings: BaseModel, variable: str) -> None:
    with pytest.raises(WeakSecret, match=f"^{variable}: production needs a secret here"):
        check_secrets(settings)


@pytest.mark.parametrize("sample", ["changeme" * 4, "postgres-postgres-postgres", "x" * 64, ""])
def test_secrets_out_of_examples_are_known(sample: str) -> None:
    assert weakness(sample) is not None
