"""Making assistants: new ones, copies and imported ones."""

from datetime import datetime
from typing import Any

from contracts.assistants import AssistantFields, Visibility
from contracts.ids import new_id
from gateway.assistants.errors import NotTheBuilder
from gateway.assistants.repository import AssistantRepository
from gateway.assistants.service.finding import free_slug
from gateway.assistants.service.views import draft_of
from gateway.assistants.tables import Assistant
from gateway.caller import Caller
from gateway.db import Transaction
from gateway.policy.loading import require
from gateway.policy.rules import here
from gateway.policy.words import Action, Kind


def check_may_make(caller: Caller) -> None:
    """Raises NotTheBuilder for guests, who make nothing."""
    barred = NotTheBuilder("A guest cannot make assistants.")
    require(caller, Action.CREATE, here(caller, Kind.WORKSPACE), barred)


async def make(
    tx: Transaction, caller: Caller, fields: AssistantFields, visibility: Visibility, now: datetime
) -> Assistant:
    """An assistant of the caller's whose draft starts with these fields."""
    assistant_id = new_id("ast_")
    assistant = Assistant(
        id=assistant_id,
        workspace_id=caller.workspace_id,
        owner_id=caller.member_id,
        slug=await free_slug(tx, fields, assistant_id),
        draft=draft_of(fields),
        visibility=visibility.value,
        created_at=now,
        draft_revision=1,
        draft_changed_at=now,
    )
    AssistantRepository(tx).add(assistant)
    return assistant


def redraft(assistant: Assistant, draft: dict[str, Any], now: datetime) -> None:
    """Give it another draft, whoever wrote it: each is a revision of its own."""
    assistant.draft = draft
    assistant.draft_revision += 1
    assistant.draft_changed_at = now
