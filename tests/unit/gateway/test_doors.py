"""Doors to an assistant from outside: links, public pages, guests, and what none of them opens."""

import asyncio
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.accounts.rules import token_hash
from gateway.adapters.turn_stream_memory import MemoryTurnStream
from gateway.allowances.service import AllowanceService
from gateway.db import Database
from gateway.doors.rules import MOST_LINKS
from gateway.doors.service.erasing import EraserParts, GuestEraser
from gateway.settings import GuestLimits
from tests.support.gateway import (
    PASSWORD,
    Databases,
    Person,
    RunningGateway,
    changed,
    found,
    gateway_settings,
    running_gateway,
)
from tests.unit.gateway.test_every_route import called, routes
from tests.unit.gateway.visiting import (
    CANARY,
    code,
    guest_of,
    link_to,
    member_of,
    published,
    seen,
    share,
    talk_of,
    visiting,
)

LIMITS = GuestLimits(admitted=True, answers_a_day=5, address_answers_a_day=1_000)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One for all of these tests: each makes its own people."""
    database_url, folder = databases.fresh(), tmp_path_factory.mktemp("doors")
    settings = gateway_settings(database_url, folder, guests=LIMITS)
    with running_gateway(database_url, folder, settings=settings) as running:
        yield running


@pytest.fixture
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol(f"Ada-{next(_numbers)}")


@pytest.fixture
def bob(gateway: RunningGateway) -> Person:
    return gateway.enrol(f"Bob-{next(_numbers)}")


@pytest.fixture
def atlas(ada: Person) -> str:
    """Ada's published assistant, which whoever has a link may ask."""
    return published(ada, "link")


def test_a_link_shows_the_published_face_to_whoever_has_it(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    answer = gateway.http.get(f"/v1/doors/{link['token']}")
    face = answer.json()

    assert (face["kind"], face["name"], face["description"]) == ("link", "Atlas", "Maps.")
    assert (face["admits_guests"], face["starters"]) == (True, ["Where is Delos?"])
    assert CANARY not in answer.text
    assert link["link"].endswith(f"/l/{link['token']}")
    listed = ada.get(f"/v1/assistants/{atlas}/links")[1]["data"]
    assert [(each["id"], each.get("token")) for each in listed] == [(link["id"], None)]
    assert gateway.http.get(f"/v1/doors/{link['token']}/avatar").json()["error"]["code"] == (
        "avatar_not_found"
    )


def test_a_guest_asks_reads_judges_and_deletes_what_was_said(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    guest = visiting(gateway, link["token"])
    talk = talk_of(guest, atlas)
    _, turn = guest.post(f"/v1/conversations/{talk}/turns", {"text": "Hi"})
    gateway.http.get(f"/v1/turns/{turn['id']}/events", headers=guest.headers())
    _, said = guest.get(f"/v1/conversations/{talk}/messages")
    thumb = guest.put(f"/v1/messages/{turn['answer']['id']}/feedback", {"rating": "up"})
    status, visit = guest.get("/v1/visits/current")

    assert (said["data"][0]["content"], thumb[0]) == ("Hi", 200)
    assert (status, visit["answers_left"], visit["door"]["assistant_id"]) == (200, 4, atlas)
    assert [each["id"] for each in guest.get("/v1/conversations")[1]["data"]] == [talk]
    assert guest.delete(f"/v1/conversations/{talk}")[0] == 200
    assert guest.get("/v1/conversations")[1]["data"] == []
    (row,) = ada.get(f"/v1/assistants/{atlas}/links")[1]["data"]
    assert (row["id"], row["visitors"]) == (link["id"], 1)


@pytest.mark.parametrize(
    "closing",
    [
        "UPDATE assistants SET visibility = 'private' WHERE id = :assistant",
        "UPDATE assistants SET published_version = NULL WHERE id = :assistant",
        "UPDATE assistants SET deleted_at = now() WHERE id = :assistant",
        "UPDATE workspaces SET deleted_at = now() WHERE id = :workspace",
        "UPDATE links SET expires_at = now() WHERE id = :link",
        "DELETE FROM links WHERE id = :link",
    ],
)
def test_a_door_that_closes_ends_its_visits_with_the_next_call(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str, closing: str
) -> None:
    link = link_to(ada, atlas)
    guest = visiting(gateway, link["token"])
    bob.post(f"/v1/doors/{link['token']}/follow")
    talk = talk_of(guest, atlas)
    talk_of(bob, atlas)
    ids = {"assistant": atlas, "workspace": ada.workspace_id, "link": link["id"]}
    named = {name: each for name, each in ids.items() if f":{name}" in closing}
    asyncio.run(changed(gateway.database_url, closing, **named))

    assert code(guest.get(f"/v1/conversations/{talk}")) == (401, "visit_over")
    assert seen(gateway, link["token"]) == (404, "door_not_found")
    assert gateway.http.post(f"/v1/doors/{link['token']}/visits").status_code == 404
    if "workspaces" not in closing:  # of whom all that belongs to it is erased as well
        begun = bob.post("/v1/conversations", {"assistant_id": atlas})
        assert code(begun) == (404, "assistant_not_found")


def test_unknown_doors_are_told_from_closed_ones_by_nothing(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    ada.delete(f"/v1/links/{link['id']}")
    _, made = ada.get(f"/v1/assistants/{atlas}")
    names = (
        link["token"],
        "lnk-stoa-nobody",
        "nobody",
        made["slug"],
        atlas,
        "vst-stoa-x",
        "pk-stoa-x",
    )
    answers = [gateway.http.get(f"/v1/doors/{name}") for name in names]
    told = {(each.status_code, each.json()["error"]["message"]) for each in answers}

    assert told == {(404, "There is no such page, or it was closed.")}


def test_a_visit_ends_by_itself(gateway: RunningGateway, ada: Person, atlas: str) -> None:
    guest = guest_of(gateway, ada, atlas)
    over = "UPDATE visits SET expires_at = now() - interval '1 second' WHERE token_hash = :hash"
    asyncio.run(changed(gateway.database_url, over, hash=token_hash(guest.token)))

    assert code(guest.get("/v1/visits/current")) == (401, "visit_over")


def test_a_public_assistant_has_a_door_under_its_own_name(
    gateway: RunningGateway, ada: Person
) -> None:
    agora = published(ada, "public")
    slug = ada.get(f"/v1/assistants/{agora}")[1]["slug"]
    guest, by_link = visiting(gateway, slug), guest_of(gateway, ada, agora)
    talk_of(guest, agora)
    share(ada, agora, "workspace")

    assert seen(gateway, slug) == (404, "door_not_found")
    assert code(guest.get("/v1/conversations")) == (401, "visit_over")
    assert by_link.get("/v1/conversations")[0] == 200


def test_a_visit_opens_no_other_assistant_not_even_a_public_one(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    others = [published(ada, "link"), published(ada, "public"), published(bob, "public")]
    begun = [guest.post("/v1/conversations", {"assistant_id": each}) for each in others]

    assert [code(each) for each in begun] == [(404, "assistant_not_found")] * 3


def test_guests_find_nothing_of_one_another_and_members_nothing_of_theirs(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    one, other = visiting(gateway, link["token"]), visiting(gateway, link["token"])
    talk = talk_of(one, atlas)

    for who in (other, ada):
        assert who.get(f"/v1/conversations/{talk}")[0] == 404
        assert who.post(f"/v1/conversations/{talk}/turns", {"text": "Hi"})[0] == 404
        assert who.get("/v1/conversations")[1]["data"] == []


def test_a_guest_chooses_nothing_of_the_assistant(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    wishes: list[dict[str, object]] = [{"draft": True}, {"temporary": True}]
    answers = [guest.post("/v1/conversations", {"assistant_id": atlas, **each}) for each in wishes]
    ignored = {"assistant_id": atlas, "model": "other", "instructions": "Obey.", "files": ["f"]}

    assert [code(each) for each in answers] == [(403, "members_only")] * 2
    assert guest.post("/v1/conversations", ignored)[0] in (201, 400, 422)


GUEST_ROUTES = {
    ("POST", "/v1/conversations"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/conversations/{conversation_id}"),
    ("DELETE", "/v1/conversations/{conversation_id}"),
    ("GET", "/v1/conversations/{conversation_id}/messages"),
    ("POST", "/v1/conversations/{conversation_id}/branch"),
    ("POST", "/v1/conversations/{conversation_id}/turns"),
    ("GET", "/v1/turns/{turn_id}"),
    ("POST", "/v1/turns/{turn_id}/stop"),
    ("POST", "/v1/turns/{turn_id}/regenerate"),
    ("GET", "/v1/turns/{turn_id}/events"),
    ("PUT", "/v1/messages/{message_id}/feedback"),
    ("DELETE", "/v1/messages/{message_id}/feedback"),
    ("GET", "/v1/visits/current"),
    ("DELETE", "/v1/visits/current"),
}
"""To guests; what else answers them answers everybody."""


def test_every_other_route_is_closed_to_guests(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    to_strangers = {route: called(gateway, route, {}, None) for route in routes()}
    last = ("DELETE", "/v1/visits/current")
    to_guest = {
        route: called(gateway, route, {}, guest.token) for route in [*set(routes()) - {last}, last]
    }
    closed = {route for route, answer in to_guest.items() if answer == (403, "members_only")}
    public = {
        route
        for route, answer in to_strangers.items()
        if answer[0] != 401 and to_guest[route] == answer
    }

    assert set(to_guest) - closed - public == GUEST_ROUTES


def test_the_token_of_a_link_opens_no_route(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    token = link_to(ada, atlas)["token"]
    strangers = {route: called(gateway, route, {}, None) for route in routes()}
    holders = {route: called(gateway, route, {}, token) for route in routes()}
    differs = {
        route
        for route, answer in holders.items()
        if answer not in (strangers[route], (401, "invalid_api_key"))
    }

    assert differs == set()


def test_whoever_follows_a_link_asks_as_themselves_while_it_lives(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    link = link_to(ada, atlas)
    slug = ada.get(f"/v1/assistants/{atlas}")[1]["slug"]
    before = code(bob.post("/v1/conversations", {"assistant_id": atlas}))
    followed = [bob.post(f"/v1/doors/{link['token']}/follow") for _ in range(2)]
    talk = talk_of(bob, atlas)
    callable_ = [each["id"] for each in bob.get("/v1/models")[1]["data"]]
    home = asyncio.run(
        found(gateway.database_url, "SELECT workspace_id FROM conversations WHERE id = :i", i=talk)
    )

    assert (before, [each[0] for each in followed]) == ((404, "assistant_not_found"), [200, 200])
    assert slug in callable_
    assert home == [(bob.workspace_id,)]
    assert bob.get(f"/v1/assistants/{atlas}")[0] == 404
    assert ada.get(f"/v1/assistants/{atlas}/links")[1]["data"][0]["visitors"] == 1
    ada.delete(f"/v1/links/{link['id']}")
    assert slug not in [each["id"] for each in bob.get("/v1/models")[1]["data"]]
    assert bob.post(f"/v1/conversations/{talk}/turns", {"text": "Hi"})[0] == 404


def test_links_are_made_while_the_assistant_is_shared_and_only_so_many(
    ada: Person, atlas: str
) -> None:
    share(ada, atlas, "private")
    path = f"/v1/assistants/{atlas}/links"
    assert code(ada.post(path, {})) == (409, "sharing_is_private")
    share(ada, atlas, "link")
    assert code(ada.post(path, {"expires_at": 1})) == (400, "expiry_passed")
    made = [link_to(ada, atlas) for _ in range(MOST_LINKS)]
    assert code(ada.post(path, {})) == (409, "too_many_links")
    ada.delete(f"/v1/links/{made[0]['id']}")
    assert ada.post(path, {})[0] == 201


def test_guests_at_once_never_get_more_than_the_day_gives(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    talks = [talk_of(guest, atlas) for _ in range(20)]
    unknown = guest.post(
        f"/v1/conversations/{talks[0]}/turns", {"text": "Hi", "parent_id": "msg_none"}
    )
    left = guest.get("/v1/visits/current")[1]["answers_left"]

    def ask(talk: str) -> Any:
        path = f"/v1/conversations/{talk}/turns"
        return gateway.http.post(path, json={"text": "Hi"}, headers=guest.headers())

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, talks))
    refused = [each for each in answers if each.status_code == 429]

    # What was refused for another reason has given its place back.
    assert (code(unknown), left) == ((404, "parent_not_found"), 5)
    assert [each.status_code for each in answers].count(201) == 5
    assert {each.json()["error"]["code"] for each in refused} == {"guest_allowance_reached"}
    assert all(0 < int(each.headers["retry-after"]) <= 86_400 for each in refused)
    assert guest.get("/v1/visits/current")[1]["answers_left"] == 0


def test_a_repeated_question_is_one_answer(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    path = f"/v1/conversations/{talk_of(guest, atlas)}/turns"
    headers = {**guest.headers(), "idempotency-key": "once"}
    first, second = [
        gateway.http.post(path, json={"text": "Hi"}, headers=headers) for _ in range(2)
    ]

    assert first.json()["id"] == second.json()["id"]
    assert guest.get("/v1/visits/current")[1]["answers_left"] == 4


def test_leaving_erases_everything_that_was_said(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    member_id, talk = member_of(gateway, guest), talk_of(guest, atlas)
    guest.post(f"/v1/conversations/{talk}/turns", {"text": CANARY})
    status, left = guest.delete("/v1/visits/current")

    assert (status, left["object"]) == (200, "visit.deleted")
    assert code(guest.get("/v1/conversations")) == (401, "visit_over")
    assert rows_of(gateway, member_id, talk) == (0, 0, True, "")


def rows_of(gateway: RunningGateway, member_id: str, talk: str) -> tuple[int, int, bool, str]:
    """Messages and visits that are left, whether the guest is gone, and the title."""
    query = (
        "SELECT (SELECT count(*) FROM messages WHERE conversation_id = :talk), "
        "(SELECT count(*) FROM visits WHERE member_id = :member), "
        "(SELECT deleted_at IS NOT NULL FROM members WHERE id = :member), "
        "(SELECT title FROM conversations WHERE id = :talk)"
    )
    rows = asyncio.run(found(gateway.database_url, query, member=member_id, talk=talk))
    messages, visits, is_gone, title = rows[0]
    return messages, visits, is_gone, title


def test_guests_who_were_not_there_for_long_are_erased_and_no_others(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest, stays = guest_of(gateway, ada, atlas), guest_of(gateway, ada, atlas)
    member_id, talk = member_of(gateway, guest), talk_of(guest, atlas)
    guest.post(f"/v1/conversations/{talk}/turns", {"text": "Hi"})
    long_ago = "UPDATE visits SET last_used_at = now() - interval '31 days' WHERE token_hash = :h"
    asyncio.run(changed(gateway.database_url, long_ago, h=token_hash(guest.token)))
    asyncio.run(swept(gateway.database_url))

    assert rows_of(gateway, member_id, talk) == (0, 0, True, "")
    assert stays.get("/v1/visits/current")[0] == 200


async def swept(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    allowances = AllowanceService(LIMITS, b"key")
    parts = EraserParts(database, MemoryTurnStream(), allowances, LIMITS)
    try:
        while await GuestEraser(parts).sweep():
            pass
    finally:
        await database.close()


def test_guests_are_in_no_list_of_people_and_nobody_signs_in_as_one(
    gateway: RunningGateway, ada: Person, atlas: str
) -> None:
    guest = guest_of(gateway, ada, atlas)
    member_id = member_of(gateway, guest)
    talk_of(guest, atlas)
    operator = gateway.enrol(f"Operator-{next(_numbers)}", is_operator=True)
    lists = [
        ada.get("/v1/members"),
        ada.get("/v1/admin/members"),
        ada.get(f"/v1/workspaces/{ada.workspace_id}/members"),
        operator.get("/v1/admin/members", limit=100),
        ada.get(f"/v1/assistants/{atlas}/sharing"),
    ]
    signing_in = {"email": f"guest:{member_id}", "password": PASSWORD}
    limit = {"scope": "member", "subject": member_id}
    limit |= {"requests_per_minute": 1, "tokens_per_minute": 1}  # type: ignore[dict-item]

    assert [(status, member_id in str(body)) for status, body in lists] == [(200, False)] * 5
    assert gateway.http.post("/v1/sessions", json=signing_in).status_code == 401
    assert operator.put("/v1/admin/limits", limit)[0] == 404
    sharing = {"visibility": "link", "members": [{"id": member_id, "powers": ["use"]}]}
    assert ada.put(f"/v1/assistants/{atlas}/sharing", sharing)[0] in (400, 404)
    statistics = ada.get(f"/v1/assistants/{atlas}/statistics")[1]
    assert (statistics["conversations"], statistics["people"]) == (1, 0)


def test_an_installation_without_guests_tells_strangers_to_sign_in(
    gateway: RunningGateway, tmp_path: Path, ada: Person, atlas: str
) -> None:
    link, guest = link_to(ada, atlas), guest_of(gateway, ada, atlas)
    with running_gateway(gateway.database_url, tmp_path) as closed:
        here = Person(closed.http, guest.token)
        member = Person(closed.http, ada.token)

        assert seen(closed, link["token"]) == (401, "sign_in_needed")
        assert seen(closed, "nobody") == (404, "door_not_found")
        assert member.get(f"/v1/doors/{link['token']}")[1]["admits_guests"] is False
        refused = closed.http.post(f"/v1/doors/{link['token']}/visits")
        assert refused.json()["error"]["code"] == "guests_not_admitted"
        assert code(here.get("/v1/conversations")) == (401, "visit_over")
        assert closed.http.get("/v1/installation").json()["admits_guests"] is False
    assert gateway.http.get("/v1/installation").json()["admits_guests"] is True
