"""What the cities have spent: a price, a call in the ledger, a reconciliation that looked at it."""

import asyncio
from datetime import UTC, datetime

from contracts.engines import Tokens
from contracts.ids import new_id
from contracts.reconciling import Finding
from gateway.prices.tables import Price
from gateway.reconciling.tables import Reconciliation
from gateway.usage.tables import LedgerEntry
from tests.support.gateway import Person, RunningGateway, written


def price(operator: Person) -> Price:
    """Of a model that had one before: no engine is here to ask for its models."""
    return Price(
        id=new_id("prc_"),
        model="athena",
        currency="USD",
        input_pico=1,
        cached_input_pico=1,
        output_pico=1,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        created_by=operator.member_id,
    )


def called(gateway: RunningGateway, person: Person, assistant_id: str, conversation: str) -> str:
    """A call of a model in the ledger."""
    entry_id = new_id("led_")
    call = LedgerEntry(
        id=entry_id,
        request_id=conversation.replace("cnv_", "req_"),
        purpose="chat",
        workspace_id=person.workspace_id,
        member_id=person.member_id,
        assistant_id=assistant_id,
        conversation_id=conversation,
        model="small",
        engine="simulator",
        input_tokens=1,
        cached_tokens=0,
        output_tokens=1,
        status="complete",
        currency="USD",
        price_input_pico=1,
        price_cached_input_pico=1,
        price_output_pico=1,
        amount_pico=2,
    )
    asyncio.run(written(gateway.database_url, [call]))
    return entry_id


def looked_at(gateway: RunningGateway, entry_id: str, conversation: str) -> str:
    """A reconciliation that has found one row too many."""
    one = Tokens(input_tokens=1, output_tokens=1)
    finding = Finding(
        kind="without_turn",
        at=1_790_000_000,
        request_id=conversation.replace("cnv_", "req_"),
        ledger_id=entry_id,
        model="small",
        said=Tokens(),
        charged=one,
        correction=Tokens() - one,
    )
    look_id = new_id("rec_")
    look = Reconciliation(
        id=look_id,
        turns_until=datetime(2026, 1, 2, tzinfo=UTC),
        verdict="differs",
        engines=[],
        findings=[finding.model_dump()],
        finding_count=1,
    )
    asyncio.run(written(gateway.database_url, [look]))
    return look_id
