"""Batches are checked before they are kept, and every write is safe to repeat."""

import json
from typing import Any

import pytest

from contracts.passages import FOREVER
from contracts.principal import CollectionGrant
from tests.unit.retrieval.callers import Caller


def put(caller: Caller, batch: dict[str, Any]) -> tuple[int, Any]:
    return caller.send("PUT", "/v1/passages", batch)


def test_put_answers_with_the_count_of_the_version(ada: Caller) -> None:
    status, count = put(ada, ada.batch("v1", "one", "two").model_dump())

    assert (status, count) == (200, {"document_version_id": "v1", "count": 2})


@pytest.mark.parametrize(
    "other", [{"revision": "f" * 16}, {"model_id": "another"}, {"dimension": 385}]
)
def test_vectors_of_another_stamp_are_refused(ada: Caller, other: dict[str, Any]) -> None:
    batch = ada.batch("v1", "one").model_dump()
    batch["stamp"].update(other)

    status, problem = put(ada, batch)

    assert (status, problem["error"]["code"]) == (409, "stamp_mismatch")
    assert ada.send("GET", "/v1/versions/v1")[1]["count"] == 0


@pytest.mark.parametrize(
    "vector",
    [
        pytest.param([1.0], id="short"),
        pytest.param([0.0] * 384, id="zero"),
        pytest.param([1e30] * 384, id="too long"),
        pytest.param([], id="empty"),
    ],
)
def test_a_vector_that_is_no_direction_is_refused(ada: Caller, vector: list[float]) -> None:
    batch = ada.batch("v1", "one", "two").model_dump()
    batch["passages"][1]["vector"] = vector

    status, problem = put(ada, batch)

    assert (status, problem["error"]["code"]) == (400, "invalid_vector")
    assert problem["error"]["param"] == "passages.1.vector"
    assert ada.send("GET", "/v1/versions/v1")[1]["count"] == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(ada: Caller, number: str) -> None:
    batch = ada.batch("v1", "one").model_dump()
    batch["passages"][0]["vector"][0] = float(number)
    body = json.dumps(batch)
    assert number in body

    status, _ = ada.send_bytes("PUT", "/v1/passages", body.encode())

    assert status == 400


def test_a_batch_has_a_bounded_number_of_passages(ada: Caller) -> None:
    batch = ada.batch("v1", "one").model_dump()
    batch["passages"] *= 257

    assert put(ada, batch)[0] == 400


@pytest.mark.parametrize("epoch", [FOREVER, FOREVER - 1, 2**63, 0, -1])
def test_an_epoch_that_no_collection_reaches_is_refused(ada: Caller, epoch: int) -> None:
    put(ada, ada.batch("v1", "one").model_dump())

    reveal = {"document_version_id": "v1", "from_epoch": epoch}
    status, _ = ada.send("POST", "/v1/passages/reveal", reveal)

    assert status == 400
    assert ada.ask("one") == []


def test_reveal_answers_with_the_count_now_seen(ada: Caller) -> None:
    put(ada, ada.batch("v1", "one", "two").model_dump())

    reveal = {"document_version_id": "v1", "from_epoch": 1}
    assert ada.send("POST", "/v1/passages/reveal", reveal) == (
        200,
        {"document_version_id": "v1", "count": 2},
    )


def test_a_new_version_takes_the_place_of_the_old_for_readers_of_now(ada: Caller) -> None:
    ada.publish("old", "the harbour opens at six")
    put(ada, ada.batch("new", "the harbour opens at seven").model_dump())
    reveal = {"document_version_id": "new", "from_epoch": 2, "replaces_version_id": "old"}

    for _ in range(2):
        ada.send("POST", "/v1/passages/reveal", reveal)

    published = ada.reading(CollectionGrant(collection_id="vs_plans", epoch=1))
    assert ada.ask("harbour") == ["psg_new_0"]
    assert published.ask("harbour") == ["psg_old_0"]


def test_a_version_cannot_replace_itself_away(ada: Caller) -> None:
    put(ada, ada.batch("v1", "one").model_dump())
    reveal = {"document_version_id": "v1", "from_epoch": 1, "replaces_version_id": "v1"}

    ada.send("POST", "/v1/passages/reveal", reveal)

    assert ada.ask("one") == ["psg_v1_0"]


def test_a_purged_version_is_counted_zero_and_never_found(ada: Caller) -> None:
    ada.publish("v1", "one", "two")

    for _ in range(2):
        status, left = ada.send("DELETE", "/v1/versions/v1")
        assert (status, left) == (200, {"document_version_id": "v1", "count": 0})

    assert ada.ask("one") == []


def test_a_batch_that_comes_after_the_purge_stays_unseen(ada: Caller) -> None:
    ada.publish("v1", "one")
    ada.send("DELETE", "/v1/versions/v1")

    put(ada, ada.batch("v1", "one").model_dump())

    assert ada.ask("one") == []


def test_a_body_beyond_the_limit_is_refused(ada: Caller) -> None:
    status, problem = ada.send_bytes("PUT", "/v1/passages", b" " * (33 << 20))

    assert (status, problem["error"]["code"]) == (413, "request_too_large")
