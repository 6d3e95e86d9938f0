"""What a person may set about an installation on one machine."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[3]


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


class LaptopSettings(BaseSettings):
    """`STOA_HOME`, `STOA_PORT_OFFSET`, the chat model, its engine, the production addresses."""

    model_config = SettingsConfigDict(env_prefix="STOA_", frozen=True, env_ignore_empty=True)

    home: Annotated[Path, AfterValidator(_absolute)] = REPOSITORY / "var"
    port_offset: Annotated[int, Field(ge=0, le=10_000)] = 0
    chat_model: str | None = None  # None: by the number of cores
    engine: Literal["llamacpp", "vllm"] = "llamacpp"
    stop_seconds: Annotated[float, Field(ge=0)] = 5  # for open answers; a person waits
    redis_url: str | None = None  # None: the embedded Valkey
    database_url: Annotated[str | None, Field(validation_alias="GATEWAY_DATABASE_URL")] = None


def inherited_environment() -> dict[str, str]:
    """What children get besides what the launcher hands them: PATH, proxies, STOA_ADMIN_EMAIL, …"""
    return dict(os.environ)  # noqa: TID251 - this is the settings module
