"""The gateway's settings (prefix `GATEWAY_`) with laptop defaults."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from contracts.accounts import SignUpMode
from gateway.server_settings import MailServer, S3Access
from runtime.secret_files import FileSettings, with_password
from runtime.settings import SharedSettings

TokenPrice = Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=6, allow_inf_nan=False)]
"""The ledger counts in pico-units: six decimals a million tokens are whole ones."""

_BLOBS_URL = r"^(file://.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?)$"


class KnowledgeLimits(BaseModel):
    """Bounds on uploads and on the jobs that read them."""

    model_config = ConfigDict(frozen=True)

    file_bytes: int = Field(default=512 << 20, gt=0)
    bundle_bytes: int = Field(default=2 << 30, gt=0)
    """What the files of one exported or imported assistant may weigh together."""
    lease_seconds: int = Field(default=60, gt=0)
    attempts: int = Field(default=3, gt=0)
    deadline_seconds: int = Field(default=3 * 3600, gt=0)
    unclaimed_seconds: int = Field(default=120, gt=0)
    """After this long in the queue a job's message counts as lost and is sent again."""
    passage_tokens: int = Field(default=250, ge=50, le=450)


class ReplyLimits(BaseModel):
    """Bounds on an answer. Token budgets are the engine's own tokens."""

    model_config = ConfigDict(frozen=True)

    passage_tokens: int = Field(default=2_400, gt=0)
    small_model_passage_tokens: int = Field(default=700, gt=0)
    answer_tokens: int = Field(default=768, gt=0)
    small_model_answer_tokens: int = Field(default=512, gt=0)
    question_characters: int = Field(default=32_000, gt=0)
    search_limit: int = Field(default=12, gt=0, le=100)
    rewrite_seconds: float = Field(default=10, gt=0)
    """How long making a follow-up question stand alone may take; else it is searched as it is."""
    attached_file_seconds: float = Field(default=120, gt=0)
    """How long a question waits for files attached to its conversation to be read."""
    turn_seconds: int = Field(default=300, gt=0)
    no_reader_seconds: int = Field(default=60, gt=0)


class ConversationLimits(BaseModel):
    """How long conversations stay that nobody wants to keep, and what others see of them."""

    model_config = ConfigDict(frozen=True)

    undo_days: int = Field(default=30, gt=0)
    """For so long a deleted conversation can be had back; then its words are erased."""
    temporary_hours: int = Field(default=4, gt=0, le=24)
    """After so long a temporary conversation ends by itself."""
    sweep_seconds: float = Field(default=60, gt=0)
    shows_unanswered: bool = True
    """An assistant's builders see the words of questions that its files did not answer: of
    conversations whose members were told so when they began them, never a name."""
    shared_with_anyone: bool = False
    """Whoever has a share link may read it; else only those who can sign in here."""
    most_files: int = Field(default=10, gt=0, le=100)
    """So many files may be attached to one conversation."""


class SessionLimits(BaseModel):
    """How long a session lives: at most, and without being used."""

    model_config = ConfigDict(frozen=True)

    days: int = Field(default=30, gt=0)
    idle_days: int = Field(default=14, gt=0)
    check_seconds: float = Field(default=2, gt=0, le=4)
    """How often the caller of an open stream is looked at again."""


class GuessLimits(BaseModel):
    """Wrong passwords and codes within a quarter of an hour. Right ones do not count."""

    model_config = ConfigDict(frozen=True)

    account_from_address: int = Field(default=20, gt=0)
    """For one account, from one client address (of IPv6 its /64)."""
    account: int = Field(default=100, gt=0)
    """For one account, from wherever."""
    address: int = Field(default=100, gt=0)
    """From one client address, for whatever accounts and codes."""
    letters: int = Field(default=5, gt=0)
    """Letters asked for to one address."""
    sign_ups: int = Field(default=50, gt=0)
    """New accounts asked for by one client address."""
    visits: int = Field(default=100, gt=0)
    """Guests who come in from one client address."""


class GuestLimits(BaseModel):
    """People without an account, who come by a link, a widget or the page of a public assistant."""

    model_config = ConfigDict(frozen=True)

    admitted: bool = False
    """They get answers, which the assistant's workspace pays for; else they are to sign in."""
    answers_a_day: int = Field(default=20, gt=0)
    """For one guest. Days are those of UTC."""
    address_answers_a_day: int = Field(default=60, gt=0)
    """For all guests from one client address (of IPv6 its /64)."""
    all_answers_a_day: int = Field(default=2_000, gt=0)
    """For all guests of the installation together."""
    key_visitor_answers_a_day: int = Field(default=20, gt=0)
    """For one visitor of the web sites of a publishable key that does not say itself."""
    key_answers_a_day: int = Field(default=500, gt=0)
    """For all visitors of its web sites together."""
    visit_days: int = Field(default=7, gt=0)
    """After so long a guest begins anew."""
    kept_days: int = Field(default=30, gt=0)
    """What a guest said is erased so long after they were there last."""
    check_seconds: float = Field(default=0.5, gt=0, le=1)
    """How often a guest's door is looked at while an answer is written for them."""
    sweep_seconds: float = Field(default=300, gt=0)


class RateLimits(BaseModel):
    """Model calls and tokens a minute: of one key, and of one member with all their keys; of all
    callers of a workspace together; of one client address. Administrators may set others."""

    model_config = ConfigDict(frozen=True)

    requests_per_minute: int = Field(default=60, gt=0)
    tokens_per_minute: int = Field(default=60_000, gt=0)
    workspace_requests_per_minute: int = Field(default=600, gt=0)
    workspace_tokens_per_minute: int = Field(default=600_000, gt=0)
    address_requests_per_minute: int = Field(default=600, gt=0)
    """From one client address (of IPv6 its /64): an office may share one."""
    address_tokens_per_minute: int = Field(default=600_000, gt=0)


class SearchPrices(BaseModel):
    """What embedding and reranking cost a million tokens, where nobody has set another price.

    Chat models come with their prices; which models search uses is retrieval's choice.
    """

    model_config = ConfigDict(frozen=True)

    as_of: date = date(2026, 11, 22)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    embedding_per_million: TokenPrice = Decimal("0.01")
    rerank_per_million: TokenPrice = Decimal("0.01")


class MoneyLimits(BaseModel):
    """time_zone: where the days and months of budgets begin. A gateway renews the reservations of
    its calls, and charges those that nobody has renewed for so long."""

    model_config = ConfigDict(frozen=True)

    time_zone: str = "UTC"
    renew_seconds: float = Field(default=2, gt=0)
    abandoned_seconds: float = Field(default=30, gt=0)
    sweep_seconds: float = Field(default=5, gt=0)

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone of the IANA database, as Europe/Berlin is")
        return name

    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)


class IdempotencyLimits(BaseModel):
    """Bounds on answers kept by Idempotency-Key."""

    model_config = ConfigDict(frozen=True)

    kept_seconds: int = Field(default=24 * 3600, gt=0)
    lease_seconds: int = Field(default=30, gt=0)
    """After this long without a sign of its gateway a request counts as lost, and may run again."""
    answer_bytes: int = Field(default=1 << 20, gt=0)
    """A longer answer is not kept."""


class AuditLimits(BaseModel):
    """What is kept of administrative acts and refusals, and how many rows a flood may cause."""

    model_config = ConfigDict(frozen=True)

    kept_days: int = Field(default=180, ge=1)
    client_addresses: Literal["whole", "hashed", "none"] = "whole"
    """Hashed: with a key of the installation, so that rows of one client are still seen as such."""
    rows_per_client_minute: int = Field(default=20, ge=1)
    rows_per_minute: int = Field(default=600, ge=1)
    """Of one gateway. What comes beyond is counted, and written as one row a minute."""


class ReconcilingLimits(BaseModel):
    """How the ledger is held against the engines' own counters and the conversations."""

    model_config = ConfigDict(frozen=True)

    hour_utc: int | None = Field(default=3, ge=0, le=23)
    """The hour from which it happens each night; None: only when an operator asks."""
    looks: int = Field(default=5, ge=1, le=60)
    """A difference counts when it stays for so many looks."""
    look_seconds: float = Field(default=1, gt=0)
    settle_seconds: int = Field(default=120, ge=0)
    """Turns that ended so lately are left to the next time: their rows may be on their way."""


class MigrationLimits(BaseModel):
    """How long `make migrate` waits, and how long it makes others wait."""

    model_config = ConfigDict(frozen=True)

    connect_seconds: int = Field(default=10, gt=0)
    turn_seconds: float = Field(default=120, gt=0)
    lock_seconds: int = Field(default=3, gt=0)
    """While a migration waits for a table, everybody behind it waits too."""
    statement_seconds: int = Field(default=600, gt=0)
    attempts: int = Field(default=5, gt=0)
    longest_pause_seconds: float = Field(default=10, ge=0)


class AdminAccount(FileSettings):
    """`STOA_ADMIN_EMAIL` and `STOA_ADMIN_PASSWORD`: the operator, made at the first start."""

    model_config = SettingsConfigDict(env_prefix="STOA_ADMIN_", frozen=True, extra="ignore")

    email: str | None = Field(default=None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    password: SecretStr | None = Field(default=None, min_length=10, max_length=200)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.email is None) != (self.password is None):
            raise ValueError("set STOA_ADMIN_EMAIL and STOA_ADMIN_PASSWORD together")
        return self


class Settings(FileSettings):
    """Everything the gateway can be told."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65_535)
    database_url: SecretStr
    database_password: SecretStr | None = None
    """Put into the address, when that holds none."""
    blobs_url: str = Field(default="file://var/blobs", pattern=_BLOBS_URL)
    """file://<folder>, or s3://<bucket> or s3://<bucket>/<prefix>"""
    s3: S3Access = S3Access()
    retrieval_url: str = "http://127.0.0.1:8081"
    inference_url: str = "http://127.0.0.1:8082"
    web_url: str = "http://127.0.0.1:8000"
    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+(/\S*)?$")
    """Where programs reach the gateway, for the documents it writes about itself. None: these
    name addresses beside their own."""
    default_model: str = "qwen2.5-coder-0.5b-instruct"
    knowledge: KnowledgeLimits = KnowledgeLimits()
    replies: ReplyLimits = ReplyLimits()
    conversations: ConversationLimits = ConversationLimits()
    sessions: SessionLimits = SessionLimits()
    sign_up: SignUpMode = SignUpMode.INVITE
    """Who may make an account: `open`, `invite` or `closed`."""
    guesses: GuessLimits = GuessLimits()
    guests: GuestLimits = GuestLimits()
    mail: MailServer = MailServer()
    export_bytes: int = Field(default=4 << 30, gt=0)
    """What the files of one member's export may weigh together; the rest is only listed."""
    limits: RateLimits = RateLimits()
    money: MoneyLimits = MoneyLimits()
    search_prices: SearchPrices = SearchPrices()
    idempotency: IdempotencyLimits = IdempotencyLimits()
    migration: MigrationLimits = MigrationLimits()
    audit: AuditLimits = AuditLimits()
    reconciling: ReconcilingLimits = ReconcilingLimits()
    postgres_tools: Path | None = None
    """The folder of pg_dump and pg_restore; without it those of the wheel, else of the PATH."""
    admin: AdminAccount = Field(default_factory=AdminAccount)
    shared: SharedSettings = Field(default_factory=SharedSettings)

    @model_validator(mode="before")
    @classmethod
    def _puts_the_password_into_the_address(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "database_url" not in given:
            return given
        names = ("GATEWAY_DATABASE_URL", "GATEWAY_DATABASE_PASSWORD")
        url = with_password(given["database_url"], given.get("database_password"), names)
        return {**given, "database_url": url}

    def blobs_folder(self) -> Path:
        """The folder of file:// blobs."""
        return Path(self.blobs_url.removeprefix("file://"))

    def blobs_bucket(self) -> tuple[str, str] | None:
        """The bucket of s3:// blobs, and the prefix of their names in it."""
        bucket, _, prefix = self.blobs_url.removeprefix("s3://").partition("/")
        return (bucket, prefix.strip("/")) if self.blobs_url.startswith("s3://") else None
