"""The seeder's settings (prefix `SEED_`); `make seed` sets all of them."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DOCUMENTS = Path(__file__).resolve().parents[1] / "documents"


class Settings(BaseSettings):
    """Where Stoa answers, and with which rights.

    session: of an operator. claim: the one-time token of an installation nobody has claimed.
    kept: where the generated passwords are kept, for their owner alone.
    """

    model_config = SettingsConfigDict(env_prefix="SEED_", frozen=True, env_ignore_empty=True)

    gateway_url: str = "http://127.0.0.1:8080"
    web_url: str = "http://127.0.0.1:8000"
    session: SecretStr | None = None
    claim: SecretStr | None = None
    kept: Path = Path("seed-people.json")
    documents: Path = DOCUMENTS
    reading_seconds: float = Field(default=1800, gt=0)
    answer_seconds: float = Field(default=600, gt=0)
