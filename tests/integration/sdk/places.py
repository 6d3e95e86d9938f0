"""Where the SDK tests happen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai

from contracts.ids import new_id
from tests.support.document_worker import DocumentWorker
from tests.support.gateway import Person, RunningGateway, found

LEAVE = "Annual leave is 25 days a year for full-time staff."
HANDBOOK = f"""# Staff handbook

## Leave

{LEAVE}

## Travel

Travel expenses are repaid within 30 days when receipts are handed in.
"""


def newcomer(gateway: RunningGateway, *scopes: str) -> Person:
    """Somebody new, in a workspace of their own, with a key of these scopes (none: a session)."""
    person = gateway.enrol(new_id("somebody-"))
    return gateway.with_key(person, *scopes) if scopes else person


@dataclass(frozen=True)
class Place:
    """Everything there is, and ways to look behind the API."""

    gateway: RunningGateway
    worker: DocumentWorker
    retrieval: str
    inference: str
    folder: Path

    @property
    def address(self) -> str:
        """The base_url of SDKs."""
        return f"{self.gateway.address}/v1"

    def rows(self, query: str, **values: Any) -> Sequence[tuple[Any, ...]]:
        """Rows of the gateway's database."""
        return asyncio.run(found(self.gateway.database_url, query, **values))

    def charges(self, request_id: str) -> Sequence[tuple[Any, ...]]:
        """(status, output tokens) of the ledger rows of a call."""
        return self.rows(
            "SELECT status, output_tokens FROM ledger WHERE request_id = :id", id=request_id
        )

    def calls_of(self, member_id: str) -> int:
        """How many answers somebody was charged for."""
        query = "SELECT count(*) FROM ledger WHERE member_id = :id AND purpose = 'chat'"
        ((count,),) = self.rows(query, id=member_id)
        return int(count)


def assistant_knowing(sdk: openai.OpenAI, name: str, text: str) -> str:
    """A published assistant over one document; its slug."""
    store = sdk.vector_stores.create(name=name)
    document = sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=(f"{name}.md", text.encode()), poll_interval_ms=20
    )
    assert document.status == "completed", document.last_error
    resources = {"file_search": {"vector_store_ids": [store.id]}}
    body = {"name": name, "instructions": "Answer.", "tool_resources": resources}
    made = sdk.post("/assistants", cast_to=dict[str, object], body=body)
    sdk.post(f"/assistants/{made['id']}/publish", cast_to=dict[str, object])
    return str(made["slug"])
