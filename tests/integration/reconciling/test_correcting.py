"""An operator sets right what a reconciliation found: one row, once, and it adds up again."""

from typing import Any

import httpx2
import pytest

from contracts.reconciling import Finding
from tests.integration.reconciling.conftest import Books
from tests.integration.reconciling.test_reconciling import (
    QUESTION,
    _past_the_trigger,
    only,
    turned,
)

LOST = "DELETE FROM ledger WHERE request_id = :id"
ONE_MORE = "UPDATE ledger SET output_tokens = output_tokens + 1, amount_pico = amount_pico + "
TWICE = (
    "INSERT INTO ledger SELECT (jsonb_populate_record(l, jsonb_build_object("
    "'id', l.id || 'x', 'request_id', l.request_id || 'x'))).*"
    " FROM ledger l WHERE l.request_id = :id"
)
DAMAGES = {
    "not_charged": LOST,
    "counts_differ": ONE_MORE + "price_output_pico WHERE request_id = :id",
    "charged_twice": TWICE,
}


def corrected(
    person: httpx2.Client, reconciliation_id: str, number: int = 1
) -> tuple[int, dict[str, Any]]:
    path = f"/v1/admin/reconciliations/{reconciliation_id}/findings/{number}/correction"
    answer = person.post(path)
    return answer.status_code, answer.json()


def sums(books: Books, turn_id: str) -> tuple[Any, ...]:
    """What the ledger has of a turn in all, corrections and doubles with it."""
    rows = books.rows(
        "SELECT sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(amount_pico)"
        " FROM ledger WHERE request_id LIKE :like AND purpose = 'chat'",
        like=f"{turn_id}%",
    )
    return tuple(rows[0].values())


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_finding_is_set_right_once_and_is_no_difference_at_the_next_look(
    books: Books, ada: httpx2.Client, assistant_of_ada: str, kind: str
) -> None:
    turned(ada, assistant_of_ada, QUESTION)
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    right = sums(books, turn_id)
    _past_the_trigger(books, DAMAGES[kind], id=turn_id)
    view = books.reconciled()
    assert (only(view).kind, view.open_count) == (kind, 1)
    answers = [corrected(books.operator, view.id) for _ in range(2)]

    assert [status for status, _ in answers] == [201, 201]
    assert answers[0] == answers[1]
    assert sums(books, turn_id) == right
    first = books.operator.get("/v1/admin/reconciliations").json()["data"][0]
    assert first["open_count"] == 0
    assert Finding.model_validate(first["findings"][0]).correction_id is not None
    after = books.reconciled()
    assert (after.verdict, after.findings) == ("equal", [])


def test_a_finding_that_is_not_there_is_not_found(books: Books) -> None:
    view = books.reconciled()
    past = corrected(books.operator, view.id, view.finding_count + 1)
    other = corrected(books.operator, "rec_none")

    assert [past[0], other[0]] == [404, 404]
    assert past[1]["error"]["code"] == other[1]["error"]["code"] == "finding_not_found"


def test_only_operators_correct_the_ledger(
    books: Books, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    books.reconciled()
    (turn_id,) = turned(ada, assistant_of_ada, QUESTION)
    _past_the_trigger(books, TWICE, id=turn_id)
    status, body = corrected(ada, books.reconciled().id)

    assert (status, body["error"]["code"]) == (403, "reconciliations_not_yours")
