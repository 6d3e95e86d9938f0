"""The ledger equals the engine's own counters, and what does not is found."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from contracts.engines import Tokens
from contracts.reconciling import Finding, ReconciliationView
from gateway.db import Database
from inference.adapters.engine_simulator import SimulatedCall
from inference.registry.book import READ_ON_TOKENS
from tests.integration.reconciling.conftest import Books
from tests.support.waiting import wait_until

QUESTION = "How many days of annual leave a year for full-time staff?"
FOLLOW_UP = "And for part-time staff?"
PATIENCE_SECONDS = 30


def completed(person: httpx2.Client, model: str, *texts: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    answer = person.post("/v1/chat/completions", json={"model": model, "messages": messages})
    body: dict[str, Any] = answer.json()
    return body


def conversation_with(person: httpx2.Client, assistant: str) -> str:
    made = person.post("/v1/conversations", json={"assistant_id": assistant})
    assert made.status_code == 201, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id


def asked(person: httpx2.Client, conversation: str, text: str) -> str:
    turn = person.post(f"/v1/conversations/{conversation}/turns", json={"text": text})
    assert turn.status_code == 201, turn.text
    turn_id: str = turn.json()["id"]
    return turn_id


def ended(person: httpx2.Client, turn_id: str) -> None:
    """Read a turn to its end."""
    with person.stream("GET", f"/v1/turns/{turn_id}/events") as response:
        for line in response.iter_lines():
            if line.startswith("data:"):
                json.loads(line.removeprefix("data:"))


def turned(person: httpx2.Client, assistant: str, *texts: str) -> list[str]:
    conversation = conversation_with(person, assistant)
    turns = []
    for question in texts:
        turns.append(asked(person, conversation, question))
        ended(person, turns[-1])
    return turns


def left_after(person: httpx2.Client, model: str, text: str, lines: int) -> str:
    """Ask for a stream and leave it after so many lines; the answer's id."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": text}]}
    with person.stream("POST", "/v1/chat/completions", json=body) as response:
        said = (line for line in response.iter_lines() if line.startswith("data:"))
        first = json.loads(next(said).removeprefix("data:"))
        for _ in range(lines - 1):
            next(said)
    found: str = first["id"]
    return found


def written(books: Books, request_id: str) -> None:
    """Wait until a call is in the ledger."""
    wait_until(
        lambda: books.place.ledger(request_id), seconds=PATIENCE_SECONDS, what="the ledger row"
    )


def running(books: Books) -> list[SimulatedCall]:
    """The calls that the engine is at."""
    return [call for call in books.engine.calls if call.outcome == "running"]


def only(found: ReconciliationView) -> Finding:
    assert found.verdict == "differs"
    (finding,) = found.findings
    return finding


def test_answers_of_every_kind_reconcile_to_zero(
    books: Books, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    books.reconciled()
    completed(ada, "simulator", "Say hello.")
    completed(ada, assistant_of_ada, QUESTION)
    completed(ada, assistant_of_ada, QUESTION, "25 days.", FOLLOW_UP)
    turned(ada, assistant_of_ada, QUESTION, FOLLOW_UP)
    found = books.reconciled()

    (engine,) = found.engines
    assert (found.verdict, found.findings) == ("equal", [])
    assert engine.difference == Tokens()
    assert engine.calls >= 5
    assert engine.counted.output_tokens > 20


def test_answers_that_break_off_are_charged_what_the_engine_counted(
    books: Books, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    books.reconciled()
    completed(ada, assistant_of_ada, "Please break off")
    turned(ada, assistant_of_ada, "Please break off")
    found = books.reconciled()

    (engine,) = found.engines
    assert found.findings == []
    assert engine.calls == 2
    # Servers like vLLM tell what was cached at an answer's end only.
    assert (engine.difference.input_tokens, engine.difference.output_tokens) == (0, 0)


@pytest.mark.parametrize("lines", [2, 5, 9])
def test_a_reader_who_left_is_charged_what_the_engine_counted(
    books: Books, ada: httpx2.Client, lines: int
) -> None:
    books.reconciled()
    request_id = left_after(ada, "simulator", "Please tell slowly", lines)
    written(books, request_id)
    found = books.of_engine()

    assert found.verdict in ("equal", "explained")
    assert found.counted.output_tokens > 0
    assert found.difference.input_tokens == 0
    assert 0 <= found.difference.output_tokens <= READ_ON_TOKENS


def test_a_stopped_turn_reconciles(books: Books, ada: httpx2.Client, assistant_of_ada: str) -> None:
    books.reconciled()
    turn_id = asked(ada, conversation_with(ada, assistant_of_ada), "Please say nothing more")
    wait_until(
        lambda: [call.usage.output_tokens for call in running(books)] == [3],
        seconds=PATIENCE_SECONDS,
        what="the engine to stall",
    )
    assert ada.post(f"/v1/turns/{turn_id}/stop").is_success
    ended(ada, turn_id)
    written(books, turn_id)
    found = books.reconciled()

    assert found.findings == []
    assert found.verdict in ("equal", "explained")


def test_an_engine_that_counts_more_is_found(books: Books, ada: httpx2.Client) -> None:
    books.reconciled()
    completed(ada, "simulator", "Say hello.")
    books.engine.counted += Tokens(input_tokens=11, output_tokens=7)
    found = books.of_engine()

    assert found.verdict == "differs"
    assert found.difference == Tokens(input_tokens=11, output_tokens=7)


def test_a_lost_row_is_found(books: Books, ada: httpx2.Client, assistant_of_ada: str) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    (row,) = books.place.ledger(turn_id)
    _past_the_trigger(books, "DELETE FROM ledger WHERE request_id = :id", id=turn_id)
    view = books.reconciled()
    finding = only(view)

    lost = Tokens(
        input_tokens=row["input_tokens"],
        cached_tokens=row["cached_tokens"],
        output_tokens=row["output_tokens"],
    )
    assert view.engines[0].difference == lost
    assert (finding.kind, finding.request_id) == ("not_charged", turn_id)
    assert finding.correction == lost


def test_a_doubled_row_is_found(books: Books, ada: httpx2.Client, assistant_of_ada: str) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    _past_the_trigger(
        books,
        "INSERT INTO ledger SELECT (jsonb_populate_record(l, jsonb_build_object("
        "'id', l.id || 'x', 'request_id', 'again_' || l.request_id))).* FROM ledger l"
        " WHERE l.request_id = :id",
        id=turn_id,
    )
    view = books.reconciled()
    finding = only(view)

    assert (finding.kind, finding.request_id) == ("charged_twice", f"again_{turn_id}")
    assert view.engines[0].verdict == "differs"
    assert view.engines[0].difference.output_tokens == -finding.charged.output_tokens


def test_a_changed_count_is_found(books: Books, ada: httpx2.Client, assistant_of_ada: str) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    _past_the_trigger(
        books,
        "UPDATE ledger SET output_tokens = output_tokens + 1 WHERE request_id = :id",
        id=turn_id,
    )
    view = books.reconciled()
    finding = only(view)

    assert (finding.kind, finding.request_id) == ("counts_differ", turn_id)
    assert finding.correction == Tokens(output_tokens=-1)
    assert view.engines[0].difference == Tokens(output_tokens=-1)


def test_a_row_that_is_corrected_is_no_difference(
    books: Books, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    _past_the_trigger(
        books,
        "UPDATE ledger SET output_tokens = output_tokens - 1 WHERE request_id = :id",
        id=turn_id,
    )
    _past_the_trigger(
        books,
        "INSERT INTO ledger SELECT (jsonb_populate_record(l, jsonb_build_object("
        "'id', l.id || 'x', 'request_id', l.request_id || chr(58) || 'correction',"
        "'input_tokens', 0, 'cached_tokens', 0, 'output_tokens', 1))).*"
        " FROM ledger l WHERE l.request_id = :id",
        id=turn_id,
    )
    view = books.reconciled()

    assert view.findings == []
    assert view.engines[0].difference == Tokens()


def test_a_deleted_conversation_is_no_difference(
    books: Books, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    (row,) = books.place.ledger(turn_id)
    assert ada.delete(f"/v1/conversations/{row['conversation_id']}").is_success

    assert books.reconciled().findings == []


def test_an_answer_that_is_open_is_no_alarm(books: Books, ada: httpx2.Client) -> None:
    books.reconciled()
    body = {
        "model": "simulator",
        "stream": True,
        "messages": [{"role": "user", "content": "Please say nothing more"}],
    }
    with ada.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = response.iter_lines()
        # The answer is open as long as somebody holds its lines.
        opened = json.loads(next(lines).removeprefix("data:"))
        found = books.of_engine()
    wait_until(lambda: not running(books), seconds=PATIENCE_SECONDS, what="the engine to be left")
    written(books, opened["id"])  # or it would come into the next test's books

    assert found.open_calls == 1
    assert found.verdict in ("equal", "explained")


def test_an_engine_that_began_anew_is_said_to(books: Books, ada: httpx2.Client) -> None:
    completed(ada, "simulator", "Say hello.")
    books.reconciled()
    books.engine.counted = Tokens()
    found = books.of_engine()

    assert found.note == "restarted"
    assert found.verdict == "equal"


def test_the_alarm_is_a_metric_until_the_next_look(books: Books, ada: httpx2.Client) -> None:
    books.reconciled()
    completed(ada, "simulator", "Say hello.")
    books.engine.counted += Tokens(input_tokens=1)
    books.reconciled()

    listed = books.operator.get("/v1/admin/reconciliations").json()["data"]
    assert listed[0]["verdict"] == "differs"
    wait_until(lambda: _alarms(books) == 1, seconds=PATIENCE_SECONDS, what="the gauge")


def test_reconciliations_are_for_operators(ada: httpx2.Client) -> None:
    answers = (
        ada.get("/v1/admin/reconciliations"),
        ada.post("/v1/admin/reconciliations"),
    )

    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "reconciliations_not_yours"


def _alarms(books: Books) -> float:
    page = httpx2.get(f"{books.place.gateway}/metrics").text
    (line,) = [line for line in page.splitlines() if line.startswith("stoa_reconciliation_alarms ")]
    return float(line.split()[1])


def _past_the_trigger(books: Books, statement: str, **values: Any) -> None:
    """What nobody can do through Stoa: change what the ledger says."""
    asyncio.run(_done(books.place.database, statement, values))


async def _done(address: str, statement: str, values: dict[str, Any]) -> None:
    database = Database(address, pool_size=1)
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.execute(text(statement), values)
    await database.close()
