"""The cited chat on compose's own commands and environment. Its end is watched in conftest."""

import httpx2
import pytest
from openai import OpenAI

from tests.integration.compose.conftest import Composed

# A whole Stoa on real models is started before the first test.
pytestmark = pytest.mark.timeout(900)

HARBOUR = """# Harbour rules

## Mooring

A boat may stay at the guest pier for 12 nights. The fee is 18 euros a night.

## Quiet hours

Engines are not run between 22:00 and 7:00.
"""


def test_a_question_is_answered_with_the_passage_it_rests_on(
    composed: Composed, operator: httpx2.Client, sdk: OpenAI
) -> None:
    store = sdk.vector_stores.create(name="Harbour")
    file = sdk.files.create(file=("harbour.md", HARBOUR.encode()), purpose="assistants")
    document = sdk.vector_stores.files.create_and_poll(
        vector_store_id=store.id, file_id=file.id, poll_interval_ms=200
    )
    assert document.status == "completed", document.last_error
    made = operator.post(
        "/v1/assistants",
        json={
            "name": "Harbour master",
            "instructions": "You answer questions about the harbour.",
            "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
        },
    ).json()
    assert operator.post(f"/v1/assistants/{made['id']}/publish").is_success

    answer = sdk.chat.completions.create(
        model=made["slug"],
        messages=[{"role": "user", "content": "How many nights may a boat stay?"}],
        seed=7,
    )

    message = answer.choices[0].message
    quotes = [note.model_dump()["file_citation"]["quote"] for note in message.annotations or []]
    assert "12" in str(message.content)
    assert any("12 nights" in quote for quote in quotes)
    assert all(quote in HARBOUR for quote in quotes)
    newest = {"limit": "1", "order": "desc", "purpose": "chat"}
    [row] = operator.get("/v1/admin/ledger", params=newest).json()["data"]
    assert answer.usage is not None
    assert row["output_tokens"] == answer.usage.completion_tokens
    assert composed.s3.objects("blobs")
    assert composed.s3.unfinished_uploads() == []


def test_the_gateway_is_ready_and_so_is_everything_behind_it(composed: Composed) -> None:
    answer = httpx2.get(f"{composed.machine.address('gateway')}/health/ready", timeout=60)

    assert answer.status_code == 200, answer.text


def test_people_see_pages(composed: Composed) -> None:
    answer = httpx2.get(f"{composed.machine.address('web')}/login", timeout=30)

    assert answer.status_code == 200
    assert "Stoa" in answer.text


def test_no_log_holds_a_secret(composed: Composed) -> None:
    private = [path for path in composed.machine.secrets.iterdir() if path.is_file()]
    secrets = {path.read_text().strip() for path in private if path.name != "pip_conf"}

    for run in composed.runs.values():
        assert [secret for secret in secrets if secret in run.said()] == []
