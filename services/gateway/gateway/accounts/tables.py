"""Members, workspaces, memberships, sessions, keys, the claim."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from gateway.db import Identified, Record


class Member(Identified, Record):
    """A person. email is stored lower case; password_hash is Argon2id.

    pending_since: the address is not confirmed yet. deleted_at: only the id is left of them.
    is_guest: nobody; whoever came by a door without an account, and is in no list of people.
    """

    __tablename__ = "members"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    is_operator: Mapped[bool] = mapped_column(default=False)
    is_guest: Mapped[bool] = mapped_column(server_default=text("false"))
    pending_since: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Workspace(Identified, Record):
    """A tenant."""

    __tablename__ = "workspaces"

    name: Mapped[str]
    deleted_at: Mapped[datetime | None]


class Membership(Record):
    """A member's power in a workspace (contracts.accounts.Power)."""

    __tablename__ = "memberships"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    power: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Session(Identified, Record):
    """A signed-in browser. Only the SHA-256 of the token is kept. device: in words."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"))
    device: Mapped[str] = mapped_column(server_default=text("''"))
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Key(Identified, Record):
    """An API key. Only the SHA-256 of the secret is kept, and a prefix to recognise it by.

    assistant_id: the one assistant it opens; None: the workspace. origins: web sites it works on.
    kind: contracts.accounts.KeyKind. publishable_key: the key itself, where pages show it.
    visitor_answers, answers: what a publishable one gives to a visitor and to all, each a day.
    """

    __tablename__ = "keys"
    __table_args__ = (
        Index("ix_keys_origins", "origins", postgresql_using="gin"),
        CheckConstraint("(kind = 'publishable') = (publishable_key IS NOT NULL)", name="shown"),
    )

    secret_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id"), index=True)
    assistant_id: Mapped[str | None] = mapped_column(ForeignKey("assistants.id"), index=True)
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    kind: Mapped[str] = mapped_column(server_default=text("'secret'"))
    publishable_key: Mapped[str | None]
    visitor_answers: Mapped[int | None]
    answers: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Claim(Identified, Record):
    """The one-time link by which the first operator takes the installation."""

    __tablename__ = "claims"

    token_hash: Mapped[str] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]
