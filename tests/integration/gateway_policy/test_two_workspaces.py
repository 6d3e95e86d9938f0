"""T02: two workspaces with nearly the same documents: 500 odd searches find nothing foreign."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import httpx2
import pytest

from contracts.clients.retrieval import SERVICE
from contracts.principal import CollectionGrant, Principal
from runtime.outgoing import known_authorities
from runtime.service_auth import ServiceTokens
from tests.integration.gateway_chat.places import Place, Shelf, signed_in_member
from tests.integration.gateway_policy.conftest import (
    asked,
    assistant_on,
    shelf_of,
    workspace_of,
)

SEARCHES, DIRECT, QUESTIONS = 260, 200, 40
TOPICS = ("annual leave", "travel expenses", "lost laptops", "年假", "guest pier")
CANARIES = {"ada": "canary-of-ada", "bob": "canary-of-bob"}


def document(canary: str) -> list[str]:
    return [f"The rules on {topic} are in folder 7: {canary} {topic}." for topic in TOPICS]


class Town:
    """Both workspaces, with a collection and a published assistant in each."""

    def __init__(self, place: Place, ada: httpx2.Client, bob: httpx2.Client) -> None:
        self.place = place
        self.people = {"ada": ada, "bob": bob}
        self.shelves: dict[str, list[Shelf]] = {
            name: [shelf_of(place, person, *document(CANARIES[name])) for _ in range(2)]
            for name, person in self.people.items()
        }
        self.assistants = {
            name: assistant_on(person, *self.shelves[name]) for name, person in self.people.items()
        }

    def ids(self) -> list[str]:
        """Every collection there is, and some that are none."""
        known = [each.collection_id for shelves in self.shelves.values() for each in shelves]
        workspaces = [workspace_of(person) for person in self.people.values()]
        return [*known, *workspaces, "vs_", "vs_none", "*", "..%2F..", "vs_%", "None", "all"]


@pytest.fixture(scope="module")
def town(place: Place) -> Iterator[Town]:
    with (
        closing(signed_in_member(place, "ada-of-town")) as ada,
        closing(signed_in_member(place, "bob-of-town")) as bob,
    ):
        yield Town(place, ada, bob)


def test_no_search_of_one_workspace_finds_a_passage_of_the_other(town: Town) -> None:
    chance = random.Random(20261122)  # noqa: S311 - a seed that repeats, not a secret
    ids, found = town.ids(), dict.fromkeys(CANARIES, 0)
    for _ in range(SEARCHES):
        name = chance.choice(list(CANARIES))
        path = f"/v1/vector_stores/{chance.choice(ids)}/search"
        answer = town.people[name].post(path, json=_wanted(chance, ids))

        assert answer.status_code in (200, 400, 404), answer.text
        # Not the question, which is said back, but what was found for it.
        hits = str(answer.json().get("data", []))
        assert not _foreign(name, hits)
        found[name] += CANARIES[name] in hits
    assert min(found.values()) > SEARCHES // 20, "searches of one's own are answered"


def test_no_assistant_answers_from_the_other_workspace(town: Town) -> None:
    chance = random.Random(7)  # noqa: S311
    ids, cited = town.ids(), 0
    for _ in range(QUESTIONS):
        name = chance.choice(list(CANARIES))
        question = f"{chance.choice(TOPICS)}? {_query(chance, ids)}"
        said, grounding = asked(town.people[name], town.assistants[name], question)

        assert not _foreign(name, said)
        cited += grounding == "passages"
    assert cited > QUESTIONS // 4


def test_retrieval_gives_a_signed_principal_its_own_and_nothing_else(town: Town) -> None:
    chance = random.Random(3)  # noqa: S311
    ids = town.ids()
    foreign, home = _passages(town, "bob"), workspace_of(town.people["ada"])
    with _index(town.place) as search:
        for _ in range(DIRECT):
            grants = tuple(
                CollectionGrant(
                    collection_id=chance.choice(ids), epoch=chance.choice([None, 1, 99])
                )
                for _ in range(chance.randrange(4))
            )
            workspace = chance.choice([home, "", None, "*", "ws_none"])
            principal = Principal(workspace_id=workspace, member_id="mem_x", collections=grants)
            answer = search(principal, _odd_body(chance, ids))
            hits = answer.json().get("hits", [])

            assert answer.status_code in (200, 400, 403, 422), answer.text
            assert not {hit["passage_id"] for hit in hits} & foreign
            assert not (hits and not (workspace and grants)), "no tenant or no grant, no hit"


def test_retrieval_refuses_a_call_without_a_principal(town: Town) -> None:
    with httpx2.Client(base_url=town.place.retrieval, verify=known_authorities()) as http:
        nobody = http.post("/v1/search", json={"query": "leave", "limit": 5})
        wrong = http.post(
            "/v1/search",
            json={"query": "leave", "limit": 5},
            headers={"authorization": "Bearer nonsense"},
        )
    with _index(town.place) as search:
        tenantless = search(Principal(), {"query": "leave", "limit": 5})
        unsought = search(
            Principal(workspace_id=workspace_of(town.people["ada"])),
            {"query": "leave", "limit": 5},
        )

    assert (nobody.status_code, wrong.status_code, tenantless.status_code) == (401, 401, 403)
    assert (unsought.status_code, unsought.json()["hits"]) == (200, [])


def _wanted(chance: random.Random, ids: list[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {"query": _query(chance, ids), "max_num_results": 50}
    if chance.random() < 0.4:
        key = chance.choice(["workspace_id", "tenant", "collection", "version", "source", "x"])
        value = chance.choice([*ids, "", 0, True])
        comparison: dict[str, Any] = {
            "type": chance.choice(["eq", "ne", "gt", "in", "nin"]),
            "key": key,
        }
        comparison |= {"value": [value] if comparison["type"].endswith("in") else value}
        both = {"type": chance.choice(["and", "or"]), "filters": [comparison, comparison]}
        wanted["filters"] = chance.choice([comparison, both])
    if chance.random() < 0.2:
        wanted[chance.choice(["workspace_id", "tenant", "vector_store_ids", "owner_id"])] = ids[0]
    return wanted


def _query(chance: random.Random, ids: list[str]) -> str:
    words = (*TOPICS, *CANARIES.values(), *ids, "folder 7", "' OR 1=1 --", '{"match": {}}')
    return " ".join(chance.choices(words, k=chance.randrange(1, 5)))


def _odd_body(chance: random.Random, ids: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"query": _query(chance, ids), "limit": 50}
    if chance.random() < 0.3:
        name = chance.choice(["workspace_id", "collections", "tenant", "filter", "scope"])
        body[name] = chance.choice([ids, ids[0], {"tenant": ids[2]}])
    if chance.random() < 0.2:
        body["only_versions"] = chance.sample(ids, 2)
    return body


def _foreign(name: str, text: str) -> bool:
    # As the document has it: the canary alone may also be said back from the question.
    sentences = (document(canary) for other, canary in CANARIES.items() if other != name)
    return any(sentence in text for found in sentences for sentence in found)


def _passages(town: Town, name: str) -> set[str]:
    query = "SELECT id FROM passages WHERE workspace_id = :here"
    return {row["id"] for row in town.place.rows(query, here=workspace_of(town.people[name]))}


@contextmanager
def _index(place: Place) -> Iterator[Any]:
    sign = partial(ServiceTokens(place.shared.service_key(), "gateway").sign, SERVICE)
    with httpx2.Client(base_url=place.retrieval, timeout=30, verify=known_authorities()) as http:

        def search(principal: Principal, body: dict[str, Any]) -> httpx2.Response:
            headers = {"authorization": f"Bearer {sign(principal)}"}
            return http.post("/v1/search", json=body, headers=headers)

        yield search
