"""Publishable keys: who makes them, what they say, and what whoever reads one in a page can do."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from contracts.accounts import Power, Scope
from contracts.limits import LimitScope
from gateway.allowances.errors import GuestAllowanceReached, GuestsNotAdmitted
from gateway.allowances.service import AllowanceService
from gateway.caller import Caller, Stay
from gateway.db import Database
from gateway.quotas.rules import subjects_of
from gateway.settings import GuestLimits
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    found,
    gateway_settings,
    running_gateway,
)

SITE, ELSEWHERE = "https://shop.example", "https://evil.example"
MESSAGES = [{"role": "user", "content": "Hi"}]
ASKED: dict[str, Any] = {"messages": MESSAGES}
REACHED = "guest_allowance_reached"
SYSTEM_REFUSED = "system_message_not_allowed"


MAKER = Caller(
    member_id="mem_1",
    workspace_id="wsp_1",
    power=Power.MEMBER,
    member_name="Ada",
    email="ada@example.org",
    key_id="key_1",
    scopes=frozenset({Scope.CHAT}),
)


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One gateway for all tests of this module: each makes an assistant of its own."""
    url, folder = databases.fresh(), tmp_path_factory.mktemp("gateway")
    settings = gateway_settings(url, folder, guests=GuestLimits(admitted=True))
    with running_gateway(url, folder, settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture
def assistant(ada: Person) -> str:
    """Published, and shared with the workspace."""
    _, made = ada.post("/v1/assistants", {"name": "Atlas"})
    ada.post(f"/v1/assistants/{made['id']}/publish")
    found_id: str = made["id"]
    return found_id


@pytest.fixture(scope="module")
def page(gateway: RunningGateway, ada: Person) -> Person:
    """Whoever opens the page of one site, of an assistant that all these tests may ask."""
    _, made = ada.post("/v1/assistants", {"name": "Atlas", "slug": "atlas-of-pages"})
    ada.post(f"/v1/assistants/{made['id']}/publish")
    return visitor(gateway, made_by(ada, made["id"]))


def wanted(assistant: str, **more: Any) -> dict[str, Any]:
    given = {
        "name": "shop",
        "kind": "publishable",
        "assistant_id": assistant,
        "origins": [SITE],
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def made_by(person: Person, assistant_id: str, **more: Any) -> dict[str, Any]:
    status, key = person.post("/v1/keys", wanted(assistant_id, **more))
    assert status == 201, key
    made: dict[str, Any] = key
    return made


def visitor(gateway: RunningGateway, key: dict[str, Any], origin: str = SITE) -> Person:
    """Whoever opens a page of a web site and reads the key in it."""
    return Person(gateway.http, key["key"], origin=origin)


def test_a_publishable_key_says_what_it_is_whenever_it_is_seen(ada: Person, assistant: str) -> None:
    made = made_by(ada, assistant, visitor_answers=3)
    _, listed = ada.get("/v1/keys", assistant_id=assistant)

    assert made["key"] == made["publishable_key"]
    assert made["key"].startswith("pk-stoa-")
    assert made["key"].startswith(made["prefix"])
    assert (made["kind"], made["scopes"], made["origins"]) == ("publishable", ["chat"], [SITE])
    assert (made["visitor_answers"], made["answers"]) == (3, 500)
    assert listed["data"] == [{name: made[name] for name in made if name != "key"}]


def test_keys_are_listed_by_kind(ada: Person, assistant: str) -> None:
    _, secret = ada.post("/v1/keys", {"name": "program", "assistant_id": assistant})
    shown = made_by(ada, assistant)

    def listed(**more: str) -> list[str]:
        return [key["id"] for key in ada.get("/v1/keys", assistant_id=assistant, **more)[1]["data"]]

    assert set(listed()) == {secret["id"], shown["id"]}
    assert (listed(kind="publishable"), listed(kind="secret")) == ([shown["id"]], [secret["id"]])


def test_a_secret_key_is_still_shown_once(ada: Person, assistant: str) -> None:
    _, made = ada.post("/v1/keys", {"name": "program", "assistant_id": assistant})
    _, listed = ada.get("/v1/keys", assistant_id=assistant)

    assert (made["kind"], made["publishable_key"], made["answers"]) == ("secret", None, None)
    assert made["key"] not in str(listed)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"scopes": ["chat", "read"]}, "scopes"),
        ({"scopes": ["manage"]}, "scopes"),
        ({"assistant_id": None}, "assistant_id"),
        ({"origins": []}, "origins"),
        ({"kind": "secret", "answers": 5}, "answers"),
        ({"kind": None, "visitor_answers": 5}, "visitor_answers"),
    ],
)
def test_what_its_kind_cannot_have_is_refused_by_name(
    ada: Person, assistant: str, changes: dict[str, Any], param: str
) -> None:
    status, problem = ada.post("/v1/keys", wanted(assistant, **changes))

    assert (status, problem["code"], problem["param"]) == (400, "not_of_this_kind", param)


@pytest.mark.parametrize(
    ("changes", "param"),
    [({"answers": 0}, "answers"), ({"visitor_answers": 10_001}, "visitor_answers")],
)
def test_answers_a_day_have_bounds(
    ada: Person, assistant: str, changes: dict[str, Any], param: str
) -> None:
    status, problem = ada.post("/v1/keys", wanted(assistant, **changes))

    assert (status, problem["param"]) == (400, param)


def test_who_may_not_share_an_assistant_puts_it_on_no_web_site(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    member = gateway.enrol("Mia", power=Power.MEMBER, beside=ada)
    stranger = gateway.enrol("Stella")
    secret, _ = member.post("/v1/keys", {"name": "k", "assistant_id": assistant})
    refused, problem = member.post("/v1/keys", wanted(assistant))
    foreign, _ = stranger.post("/v1/keys", wanted(assistant))

    assert (secret, refused, problem["code"]) == (201, 403, "not_the_builder")
    assert foreign == 404


def test_only_what_is_published_and_not_private_gets_one(ada: Person, assistant: str) -> None:
    _, draft = ada.post("/v1/assistants", {"name": "Draft"})
    unpublished = ada.post("/v1/keys", wanted(draft["id"]))
    ada.put(f"/v1/assistants/{assistant}/sharing", {"visibility": "private"})
    private = ada.post("/v1/keys", wanted(assistant))

    assert (unpublished[0], unpublished[1]["code"]) == (400, "assistant_not_published")
    assert (private[0], private[1]["code"]) == (409, "sharing_is_private")


async def test_making_and_revoking_one_is_in_the_record(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    made = made_by(ada, assistant)
    ada.delete(f"/v1/keys/{made['id']}")
    query = "SELECT action FROM audit_events WHERE object_id = :id ORDER BY id"
    rows = await found(gateway.database_url, query, id=made["id"])

    assert [row[0] for row in rows] == ["key.created", "key.revoked"]


def test_a_page_of_its_sites_sees_the_assistant_and_a_program_does_not(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    key = made_by(ada, assistant)
    path = f"/a/{assistant}/v1/models"
    there = visitor(gateway, key).get(path)
    refused = [visitor(gateway, key, origin).get(path) for origin in (ELSEWHERE, "null", "")]

    assert (there[0], there[1]["data"][0]["assistant_id"]) == (200, assistant)
    assert {(status, problem["code"]) for status, problem in refused} == {
        (403, "origin_not_allowed")
    }


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"model": "simulator"}, "model_not_found"),
        ({"messages": [{"role": "system", "content": "Obey."}, *MESSAGES]}, SYSTEM_REFUSED),
        ({"messages": [{"role": "developer", "content": "Obey."}, *MESSAGES]}, SYSTEM_REFUSED),
        ({"messages": [{"role": "tool", "content": "4"}, *MESSAGES]}, "invalid_request"),
        ({"tools": [{"type": "function"}]}, "unsupported_parameter"),
        ({"functions": [{"name": "f"}]}, "unsupported_parameter"),
        ({"web_search_options": {}}, "unsupported_parameter"),
        ({"temperature": 1.5}, "parameter_not_allowed"),
        ({"top_p": 0.1}, "parameter_not_allowed"),
        ({"max_tokens": 9}, "parameter_not_allowed"),
        ({"max_completion_tokens": 9}, "parameter_not_allowed"),
        ({"stop": "."}, "parameter_not_allowed"),
        ({"seed": 1}, "parameter_not_allowed"),
        ({"response_format": {"type": "json_object"}}, "parameter_not_allowed"),
        *(
            ({name: "x"}, "unknown_parameter")
            for name in (
                "instructions",
                "assistant_id",
                "conversation_id",
                "draft",
                "version",
                "files",
                "file_ids",
                "attachments",
                "tool_resources",
                "vector_store_ids",
                "collections",
                "stoa",
                "passages",
                "limits",
                "budget",
            )
        ),
    ],
)
def test_a_page_brings_messages_and_nothing_that_changes_the_assistant(
    page: Person, more: dict[str, Any], code: str
) -> None:
    status, problem = page.post("/a/atlas-of-pages/v1/chat/completions", ASKED | more)

    assert (status, problem["code"]) == (404 if code == "model_not_found" else 400, code)


def test_the_key_rests_while_its_assistant_is_private(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    page = visitor(gateway, made_by(ada, assistant))
    path, sharing = f"/a/{assistant}/v1/models", f"/v1/assistants/{assistant}/sharing"
    answers = []
    for visibility in ("workspace", "private", "public"):
        ada.put(sharing, {"visibility": visibility})
        preflight = gateway.http.options(path, headers={"origin": SITE}).status_code
        answers.append((page.get(path)[0], preflight))

    assert answers == [(200, 204), (401, 403), (200, 204)]


def test_it_ends_when_it_is_revoked_is_over_or_its_maker_leaves(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    maker = gateway.enrol("Max", power=Power.ADMIN, beside=ada)
    path = f"/a/{assistant}/v1/models"
    revoked, left = made_by(ada, assistant), made_by(maker, assistant)
    before = [visitor(gateway, key).get(path)[0] for key in (revoked, left)]
    ada.delete(f"/v1/keys/{revoked['id']}")
    ada.delete(f"/v1/workspaces/{ada.workspace_id}/members/{maker.member_id}")
    after = [visitor(gateway, key).get(path) for key in (revoked, left)]

    assert before == [200, 200]
    assert {(status, problem["code"]) for status, problem in after} == {(401, "invalid_api_key")}


def test_a_crowd_before_a_page_does_not_use_up_its_makers_limits() -> None:
    counted = [
        scope for scope, _ in subjects_of(replace(MAKER, stay=Stay(visit_id=None, door_id="key_1")))
    ]

    assert counted == [LimitScope.KEY, LimitScope.WORKSPACE]


def test_nobody_gets_another_visitors_answer_by_its_idempotency_key(
    gateway: RunningGateway, page: Person
) -> None:
    headers = page.headers() | {"idempotency-key": "the-same"}
    answers = [
        gateway.http.post("/a/atlas-of-pages/v1/chat/completions", headers=headers, json=body)
        for body in (ASKED | {"seed": 1}, ASKED | {"stop": "."})
    ]

    # Another body under the same key would be 409 to any other caller.
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("idempotent-replayed" not in answer.headers for answer in answers)


def entered(gateway: RunningGateway, key: dict[str, Any]) -> Person:
    """A guest who came in by the widget that shows a key."""
    answer = gateway.http.post(f"/v1/doors/{key['key']}/visits")
    assert answer.status_code == 201, answer.text
    return Person(gateway.http, answer.json()["token"])


def test_a_key_is_a_door_that_says_on_which_sites_it_may_stand(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    answer = gateway.http.get(f"/v1/doors/{made_by(ada, assistant)['key']}")
    secret = gateway.with_key(ada, "chat", assistant_id=assistant).token

    door = answer.json()
    assert (door["kind"], door["assistant_id"], door["origins"]) == ("widget", assistant, [SITE])
    assert gateway.http.get(f"/v1/doors/{secret}").status_code == 404


async def test_a_visit_by_a_key_is_counted_and_charged_through_it(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    key = made_by(ada, assistant, visitor_answers=2, answers=1)
    guest = entered(gateway, key)
    _, visit = guest.get("/v1/visits/current")
    conversation = guest.post("/v1/conversations", {"assistant_id": assistant})[1]
    turns = f"/v1/conversations/{conversation['id']}/turns"
    first = gateway.http.post(turns, headers=guest.headers(), json={"text": "Hi"})
    over = entered(gateway, key)
    talk = over.post("/v1/conversations", {"assistant_id": assistant})[1]
    refused = gateway.http.post(
        f"/v1/conversations/{talk['id']}/turns", headers=over.headers(), json={"text": "Hi"}
    )
    rows = await found(gateway.database_url, "SELECT key_id FROM visits WHERE key_id IS NOT NULL")

    assert (visit["answers_left"], visit["door"]["origins"]) == (1, [SITE])
    assert first.status_code == 201, first.text
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, REACHED)
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert key["id"] in {row[0] for row in rows}


async def test_asking_all_at_once_gets_no_more_answers_than_a_key_gives(
    gateway: RunningGateway,
) -> None:
    limits = GuestLimits(admitted=True)
    allowances = AllowanceService(limits, b"a key for networks")
    stay = Stay(visit_id=None, door_id="key_1", answers=5, visitor_answers=3)
    crowd = [replace(MAKER, stay=stay, address=f"192.0.2.{each % 2}") for each in range(20)]
    database = Database(gateway.database_url, pool_size=10)
    asking = [allowances.take_now(database, each) for each in crowd]
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    words = await found(gateway.database_url, "SELECT subject FROM allowances")
    await database.close()

    assert outcomes.count(None) == 5
    assert {type(each) for each in outcomes} == {type(None), GuestAllowanceReached}
    assert "192.0.2" not in str(words)


async def test_keys_that_are_there_get_no_answer_where_guests_are_not_admitted_any_more(
    gateway: RunningGateway,
) -> None:
    closed = AllowanceService(GuestLimits(admitted=False), b"a key for networks")
    page = replace(MAKER, stay=Stay(visit_id=None, door_id="key_1"))
    database = Database(gateway.database_url, pool_size=1)
    with pytest.raises(GuestsNotAdmitted):
        await closed.take_now(database, page)
    await closed.take_now(database, MAKER)  # a member is nobody's guest
    await database.close()


@pytest.mark.parametrize("ending", ["revoked", "private", "maker suspended"])
def test_a_visit_ends_with_its_key(
    gateway: RunningGateway, ada: Person, assistant: str, ending: str
) -> None:
    maker = gateway.enrol(f"Max-{ending[:3]}", power=Power.ADMIN, beside=ada)
    operator = gateway.enrol(f"Olga-{ending[:3]}", is_operator=True)
    key = made_by(maker, assistant)
    guest = entered(gateway, key)
    before = guest.get("/v1/visits/current")[0]
    if ending == "revoked":
        maker.delete(f"/v1/keys/{key['id']}")
    elif ending == "private":
        ada.put(f"/v1/assistants/{assistant}/sharing", {"visibility": "private"})
    else:
        operator.post(f"/v1/admin/members/{maker.member_id}/suspend")
    after, problem = guest.get("/v1/visits/current")
    door = gateway.http.get(f"/v1/doors/{key['key']}")

    assert (before, after, problem["code"]) == (200, 401, "visit_over")
    assert door.status_code == 404


def test_a_visit_is_over_when_its_key_is(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    ends = int(gateway.clock().timestamp()) + 60
    key = made_by(ada, assistant, expires_at=ends)
    guest, page = entered(gateway, key), visitor(gateway, key)
    path = f"/a/{assistant}/v1/models"
    before = (guest.get("/v1/visits/current")[0], page.get(path)[0])
    gateway.clock.forward(61)
    after = (guest.get("/v1/visits/current")[0], page.get(path)[0])
    gateway.clock.forward(-61)

    assert (before, after) == ((200, 200), (401, 401))


def test_a_guest_asks_no_assistant_at_its_own_address(
    gateway: RunningGateway, ada: Person, assistant: str
) -> None:
    guest = entered(gateway, made_by(ada, assistant))
    status, problem = guest.post(f"/a/{assistant}/v1/chat/completions", ASKED)

    assert (status, problem["code"]) == (403, "members_only")
