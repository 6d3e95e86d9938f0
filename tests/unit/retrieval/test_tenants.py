"""Two workspaces hold nearly the same documents; neither ever sees the other's."""

import random

from contracts.principal import CollectionGrant, Principal
from tests.unit.retrieval.callers import Caller

ADAS = [f"the harbour plan number {n} of the walled city" for n in range(10)]
BOBS = [f"the harbour plan number {n} of the walled town" for n in range(10)]
ODD_NAMES = ["", "*", "vs_plans", "vs_plans ", "VS_PLANS", "vs_", "vs_secret", "tenant", "null"]
WORDS = [
    "harbour",
    "plan",
    "walled",
    "city",
    "town",
    "0",
    "*",
    "' OR",
    "ws_bob",
    "vs_secret",
    "港口",
]


def test_generated_searches_return_no_foreign_passage(ada: Caller, bob: Caller) -> None:
    ada.publish("ada", *ADAS)
    bob.publish("bob", *BOBS)
    bob.publish("secret", *BOBS, collection="vs_secret")
    dice = random.Random(20_261_122)  # noqa: S311  # repeatable, and no secret

    foreign = []
    for _ in range(500):
        grants = [
            CollectionGrant(
                collection_id=dice.choice(ODD_NAMES),
                epoch=dice.choice([None, -1, 0, 1, 2, 2**53 - 1, 2**60]),
            )
            for _ in range(dice.randint(0, 3))
        ]
        query = " ".join(dice.choices(WORDS, k=dice.randint(1, 8)))
        seen = ada.reading(*grants).ask(query, limit=dice.randint(1, 100))
        foreign += [passage for passage in seen if not passage.startswith("psg_ada_")]

    assert foreign == []


def test_the_searches_that_find_nothing_foreign_do_find_something(ada: Caller, bob: Caller) -> None:
    ada.publish("ada", *ADAS)
    bob.publish("bob", *BOBS)

    assert len(ada.ask("harbour plan")) == len(ADAS)


def test_a_grant_for_a_foreign_collection_opens_nothing(ada: Caller, bob: Caller) -> None:
    bob.publish("secret", *BOBS, collection="vs_secret")

    assert ada.reading(CollectionGrant(collection_id="vs_secret")).ask("harbour plan") == []


def test_fields_in_the_body_cannot_widen_a_search(ada: Caller, bob: Caller) -> None:
    ada.publish("ada", "the harbour")
    bob.publish("bob", "the harbour")

    body = {
        "query": "the harbour",
        "workspace_id": "ws_bob",
        "tenant": "ws_bob",
        "collections": [{"collection_id": "vs_plans"}],
        "filter": {},
    }
    _, found = ada.reading().send("POST", "/v1/search", body)

    assert found["hits"] == []


def test_no_grants_find_nothing(ada: Caller) -> None:
    ada.publish("ada", "the harbour")

    assert ada.reading().ask("the harbour") == []


def test_a_foreign_version_looks_absent(ada: Caller, bob: Caller) -> None:
    bob.publish("bob", "the harbour")

    assert ada.send("GET", "/v1/versions/bob") == (
        200,
        {"document_version_id": "bob", "count": 0},
    )


def test_a_foreign_version_survives_every_write(ada: Caller, bob: Caller) -> None:
    bob.publish("bob", "the harbour")

    put, problem = ada.send("PUT", "/v1/passages", ada.batch("bob", "mine now").model_dump())
    ada.send("POST", "/v1/passages/reveal", {"document_version_id": "bob", "from_epoch": 9})
    ada.publish("ada", "another harbour", epoch=2)
    ada.send(
        "POST",
        "/v1/passages/reveal",
        {"document_version_id": "ada", "from_epoch": 2, "replaces_version_id": "bob"},
    )
    ada.send("DELETE", "/v1/versions/bob")

    assert (put, problem["error"]["code"]) == (404, "document_version_not_found")
    assert bob.ask("the harbour") == ["psg_bob_0"]


def test_a_writers_own_grants_still_bound_what_it_reads(ada: Caller) -> None:
    ada.publish("ada", "the harbour")
    blind = Caller(ada.http, Principal(workspace_id="ws_ada", write=True))

    assert blind.ask("the harbour") == []
