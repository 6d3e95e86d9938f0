"""The official SDK for JavaScript, unchanged, on Node: the same calls, the same classes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.sdk.places import LEAVE, Place
from tests.support.gateway import Person
from tests.support.node_sdk import run_file

Step = Callable[[str], Any]


@pytest.fixture
def node(place: Place, ada: Person, handbook: str) -> Step:
    """Runs a step of tests/sdk_node/journey.mjs with Ada's key; what it saw."""

    def run(step: str) -> Any:
        environment = {"BASE_URL": place.address, "API_KEY": ada.token, "MODEL": handbook}
        return json.loads(run_file("journey.mjs", step, **environment))

    return run


def test_node_uploads_lists_and_deletes_files(node: Step) -> None:
    assert node("files") == {
        "filename": "港口.md",
        "status": "processed",
        "content": "The harbour opens at six.",
        "isListed": True,
        "deleted": True,
    }


def test_node_builds_and_searches_a_vector_store(node: Step) -> None:
    assert node("stores") == {
        "statuses": ["completed", "completed", "completed"],
        "completed": 1,
        "found": [["bakery.md", {"town": "Hill", "year": 2026}, "The bakery opens at five."]],
        "listed": 3,
        "name": "Renamed",
        "deleted": True,
    }


def test_node_asks_and_streams(node: Step, handbook: str) -> None:
    seen = node("chat")

    assert seen["content"] == seen["text"] == f"{LEAVE} [1]"
    assert seen["quotes"] == [LEAVE]
    assert seen["tokens"] > 0
    assert (seen["said"], seen["requestId"], seen["isModel"]) == ("You said: Hi", True, True)
    assert (seen["retrieved"], seen["limit"]) == (handbook, "100000")


def test_node_gets_json_by_schema(node: Step) -> None:
    assert node("json") == {"answer": LEAVE, "days": 0}


def test_node_raises_each_class_of_error(node: Step) -> None:
    seen = {name: (each["kind"], each.get("code")) for name, each in node("errors").items()}

    assert seen == {
        "bad": ("BadRequestError", "unsupported_parameter"),
        "authentication": ("AuthenticationError", "invalid_api_key"),
        "unknown": ("NotFoundError", "file_not_found"),
        "reused": ("UnprocessableEntityError", "idempotency_key_reused"),
        "server": ("InternalServerError", "engine_failed"),
        "stream": ("APIError", "engine_failed"),
        "connection": ("APIConnectionError", None),
        "timeout": ("APIConnectionTimeoutError", None),
    }


def test_node_tries_a_503_again_and_is_charged_once(node: Step, place: Place) -> None:
    seen = node("retries")

    assert (seen["first"], seen["content"]) == (503, "You said: Hi")
    assert seen["waitedMs"] >= 1_000
    assert [status for status, _ in place.charges(seen["id"])] == ["complete"]


def test_node_repeats_itself_without_effect(node: Step, place: Place) -> None:
    seen = node("idempotency")

    assert seen["ids"][0] == seen["ids"][1]
    assert seen["files"][0] == seen["files"][1]
    assert seen["replayed"] == "true"
    assert len(place.charges(seen["ids"][0])) == 1
