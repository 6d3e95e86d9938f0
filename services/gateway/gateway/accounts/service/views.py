"""Accounts as the API shows them. No hash ever leaves."""

from collections.abc import Sequence

from contracts.accounts import (
    KeyKind,
    KeyView,
    MemberView,
    Power,
    Scope,
    SessionInfo,
    WorkspaceView,
)
from contracts.budgets import KeyBudget
from gateway.accounts.repository import Standing
from gateway.accounts.tables import Key, Session
from gateway.clock import unix_seconds


def member_view(standing: Standing) -> MemberView:
    """A person in their workspace."""
    member, workspace, power = standing
    return MemberView(
        id=member.id,
        email=member.email,
        name=member.name,
        is_operator=member.is_operator,
        workspace=WorkspaceView(id=workspace.id, name=workspace.name, power=Power(power)),
        created_at=unix_seconds(member.created_at),
    )


def session_info(session: Session, workspace_name: str, *, is_current: bool) -> SessionInfo:
    """A session without its token."""
    used = session.last_used_at
    return SessionInfo(
        id=session.id,
        device=session.device,
        workspace_id=session.workspace_id,
        workspace_name=workspace_name,
        is_current=is_current,
        created_at=unix_seconds(session.created_at),
        last_used_at=None if used is None else unix_seconds(used),
        expires_at=unix_seconds(session.expires_at),
    )


def key_view(key: Key, assistant_name: str | None, budgets: Sequence[KeyBudget] = ()) -> KeyView:
    """A key without its secret; a publishable one has none."""
    return KeyView(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=[Scope(scope) for scope in key.scopes],
        assistant_id=key.assistant_id,
        assistant_name=assistant_name,
        origins=key.origins,
        member_id=key.member_id,
        created_at=unix_seconds(key.created_at),
        expires_at=None if key.expires_at is None else unix_seconds(key.expires_at),
        last_used_at=None if key.last_used_at is None else unix_seconds(key.last_used_at),
        budgets=list(budgets),
        kind=KeyKind(key.kind),
        publishable_key=key.publishable_key,
        visitor_answers=key.visitor_answers,
        answers=key.answers,
    )
