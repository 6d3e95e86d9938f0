"""Members, workspaces, sessions and keys on the public API."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from contracts.budgets import KeyBudget


class Power(StrEnum):
    """What a member may do in a workspace, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


class SignUpMode(StrEnum):
    """Who may make an account: anybody, whoever holds an invite, or nobody."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class WorkspaceView(BaseModel):
    """A tenant. Everything people make belongs to exactly one."""

    id: str
    name: str
    power: Power


class MemberView(BaseModel):
    """A person, and the workspace their session or key works in."""

    id: str
    object: str = "member"
    email: str
    name: str
    is_operator: bool
    workspace: WorkspaceView
    created_at: int


class InstallationView(BaseModel):
    """What anybody may know of an installation. claimed: somebody runs it. sends_mail: a mail
    server is set, so new addresses are confirmed by letter."""

    object: str = "installation"
    claimed: bool
    name: str = "Stoa"
    version: str
    sign_up: SignUpMode = SignUpMode.INVITE
    sends_mail: bool = False
    shares_with_anyone: bool = False
    """A share link is read by whoever has it, signed in or not."""
    admits_guests: bool = False
    """People who are not signed in may ask assistants that are shared by link, by widget or with
    everybody, within an allowance."""


class ClaimAccount(BaseModel):
    """Take the operator's account with the one-time link of the first start."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=200)
    email: str = Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = Field(min_length=1, max_length=100)
    password: SecretStr = Field(min_length=10, max_length=200)


class SignIn(BaseModel):
    """Credentials of an account."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=200)


class SessionView(BaseModel):
    """A fresh session. `token` goes into `Authorization: Bearer` and is shown only here."""

    token: str
    member: MemberView
    expires_at: int


class SessionInfo(BaseModel):
    """A session as its owner sees it: never the token. device: in words, such as
    `Firefox on Linux`."""

    id: str
    object: str = "session"
    device: str
    workspace_id: str
    workspace_name: str
    is_current: bool
    created_at: int
    last_used_at: int | None = None
    expires_at: int


class SessionChange(BaseModel):
    """Work in another workspace from now on."""

    model_config = ConfigDict(extra="forbid")

    workspace_id: str = Field(min_length=1, max_length=100)


class SessionsEnded(BaseModel):
    """How many other sessions were ended."""

    object: str = "sessions.ended"
    ended: int


class Scope(StrEnum):
    """What a key may be used for."""

    CHAT = "chat"
    INGEST = "ingest"
    READ = "read"
    MANAGE = "manage"


class KeyKind(StrEnum):
    """secret: for programs. publishable: stands in web pages for everybody to read."""

    SECRET = "secret"  # noqa: S105 - a word, no password
    PUBLISHABLE = "publishable"


class KeyCreate(BaseModel):
    """Make a key of the current workspace.

    A publishable one opens answers of one assistant alone (scope `chat`, `assistant_id` and
    `origins` needed), within `visitor_answers` of one visitor and `answers` of all, each a day.
    scopes: None gives all of them, or to a key of one assistant `chat` alone.
    assistant_id: the id or slug of the one assistant the key opens; None: the whole workspace.
    origins: the web sites (`https://host[:port]`) whose pages may use the key.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    kind: KeyKind = KeyKind.SECRET
    scopes: list[Scope] | None = Field(default=None, min_length=1)
    assistant_id: str | None = Field(default=None, min_length=1, max_length=100)
    origins: list[str] = Field(default_factory=list, max_length=20)
    expires_at: int | None = None
    budget: KeyBudget | None = None
    visitor_answers: int | None = Field(default=None, ge=1, le=10_000)
    answers: int | None = Field(default=None, ge=1, le=1_000_000)


class KeyView(BaseModel):
    """A key without its secret: what may be shown again."""

    id: str
    object: str = "key"
    name: str
    prefix: str
    scopes: list[Scope]
    assistant_id: str | None = None
    """The one assistant it opens; None: the whole workspace."""
    assistant_name: str | None = None
    origins: list[str] = Field(default_factory=list)
    member_id: str = ""
    """Who made it, and whose power it has."""
    created_at: int
    expires_at: int | None = None
    last_used_at: int | None = None
    budgets: list[KeyBudget] = Field(default_factory=list)
    """What it may spend beside the budgets of its maker and workspace."""
    kind: KeyKind = KeyKind.SECRET
    publishable_key: str | None = None
    """The key itself, where it is no secret."""
    visitor_answers: int | None = None
    answers: int | None = None


class KeyCreated(KeyView):
    """A key just made: the only time the secret is seen."""

    key: str
