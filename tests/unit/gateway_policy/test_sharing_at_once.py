"""Two people who change the sharing of one thing at once undo nothing of each other's."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import collection_of
from tests.unit.gateway_policy.conftest import Enrol
from tests.unit.gateway_policy.test_sharing_pages import visiting

Path = str


@pytest.fixture(params=["assistants", "vector_stores"])
def path(ada: Person, request: pytest.FixtureRequest) -> Path:
    """The sharing of something private of Ada's."""
    if request.param == "assistants":
        made = ada.post("/v1/assistants", {"name": "Atlas"})[1]["id"]
    else:
        made = collection_of(ada)
    here = f"/v1/{request.param}/{made}/sharing"
    assert ada.put(here, {"visibility": "private"})[0] == 200
    return here


def powers_in(sharing: dict[str, Any], person: Person) -> list[str]:
    found = [each["powers"] for each in sharing["members"] if each["id"] == person.member_id]
    return list(found[0]) if found else []


def test_one_is_given_a_power_and_nobody_else_loses_one(
    ada: Person, bea: Person, cleo: Person, path: Path
) -> None:
    ada.put(path, {"visibility": "private", "members": [{"id": bea.member_id, "powers": ["use"]}]})
    _, first = ada.post(f"{path}/{cleo.member_id}", {"powers": ["edit"]})
    _, second = ada.post(f"{path}/{bea.member_id}", {"powers": ["edit"]})
    _, third = ada.delete(f"{path}/{cleo.member_id}")

    assert (powers_in(first, bea), powers_in(first, cleo)) == (["use"], ["edit"])
    assert (powers_in(second, bea), powers_in(second, cleo)) == (["edit", "use"], ["edit"])
    assert (powers_in(third, bea), powers_in(third, cleo)) == (["edit", "use"], [])
    assert third["visibility"] == "private"
    assert ada.get(path)[1] == third


def test_a_group_is_given_a_power_as_a_member_is(ada: Person, bea: Person, path: Path) -> None:
    _, group = ada.post("/v1/groups", {"name": "Readers", "members": [bea.member_id]})
    _, given = ada.post(f"{path}/{group['id']}", {"powers": ["use"]})
    seen = bea.get(path.removesuffix("/sharing"))[0]
    _, taken = ada.delete(f"{path}/{group['id']}")

    assert [(each["id"], each["powers"]) for each in given["groups"]] == [(group["id"], ["use"])]
    assert (seen, bea.get(path.removesuffix("/sharing"))[0]) == (200, 404)
    assert taken["groups"] == []


def test_sixteen_changes_at_once_are_all_there_afterwards(
    enrol: Enrol, ada: Person, path: Path
) -> None:
    admin = enrol("Admin", Power.ADMIN, ada)
    readers = [enrol("Reader", Power.MEMBER, ada) for _ in range(8)]
    leavers = [enrol("Leaver", Power.MEMBER, ada) for _ in range(8)]
    granted = [{"id": each.member_id, "powers": ["use"]} for each in leavers]
    ada.put(path, {"visibility": "private", "members": granted})

    def given(number: int) -> tuple[int, Any]:
        who = (ada, admin)[number % 2]
        return who.post(f"{path}/{readers[number].member_id}", {"powers": ["use"]})

    def taken(number: int) -> tuple[int, Any]:
        who = (admin, ada)[number % 2]
        return who.delete(f"{path}/{leavers[number].member_id}")

    calls: list[tuple[Callable[[int], tuple[int, Any]], int]] = []
    for number in range(8):
        calls += [(given, number), (taken, number)]
    with ThreadPoolExecutor(8) as threads:
        statuses = [each[0] for each in threads.map(lambda call: call[0](call[1]), calls)]
    _, sharing = ada.get(path)

    assert set(statuses) == {200}
    assert {each["id"] for each in sharing["members"]} == {each.member_id for each in readers}


def test_powers_of_one_and_the_same_add_up(
    enrol: Enrol, ada: Person, bea: Person, path: Path
) -> None:
    admin = enrol("Admin", Power.ADMIN, ada)
    here = f"{path}/{bea.member_id}"
    with ThreadPoolExecutor(2) as threads:
        ways = [(ada, "use"), (admin, "edit")] * 4
        statuses = list(threads.map(lambda way: way[0].post(here, {"powers": [way[1]]})[0], ways))

    assert set(statuses) == {200}
    assert powers_in(ada.get(path)[1], bea) == ["edit", "use"]


def test_what_cannot_be_granted_is_refused(ada: Person, bea: Person, path: Path) -> None:
    here = f"{path}/{bea.member_id}"
    wrong = [{"powers": []}, {"powers": ["own"]}, {"powers": ["use"], "visibility": "public"}, {}]
    if "/assistants/" in path:
        wrong.append({"powers": ["download"]})

    assert {ada.post(here, body)[0] for body in wrong} == {400}
    assert ada.get(path)[1]["members"] == []


def test_the_page_of_one_builder_undoes_nothing_of_another(
    gateway: RunningGateway, enrol: Enrol, ada: Person, bea: Person, cleo: Person
) -> None:
    admin = enrol("Admin", Power.ADMIN, ada)
    store = collection_of(ada, "Handbook")
    resources = {"file_search": {"vector_store_ids": [store]}}
    _, atlas = ada.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources})
    here = f"/studio/{atlas['id']}/people"
    with visiting(gateway, ada) as hers, visiting(gateway, admin) as theirs:
        # Both have read the page before either sends a form.
        assert hers.get(here).status_code == theirs.get(here).status_code == 200
        sent = [
            hers.post(f"{here}/{store}/add", {"grantee": bea.member_id, "power": "use"}),
            theirs.post(f"{here}/{store}/add", {"grantee": cleo.member_id, "power": "edit"}),
            theirs.post(f"{here}/{store}/visibility", {"visibility": "private"}),
            hers.post(f"{here}/{store}/add", {"grantee": bea.member_id, "power": "download"}),
            theirs.post(f"{here}/{store}/remove", {"grantee": cleo.member_id}),
        ]
    _, sharing = ada.get(f"/v1/vector_stores/{store}/sharing")

    assert {answer.status_code for answer in sent} == {303}
    assert sharing["visibility"] == "private"
    assert powers_in(sharing, bea) == ["download", "use"]
    assert powers_in(sharing, cleo) == []


def test_a_form_that_names_no_power_or_no_visibility_changes_nothing(
    gateway: RunningGateway, ada: Person, bea: Person
) -> None:
    store = collection_of(ada, "Handbook")
    ada.put(f"/v1/vector_stores/{store}/sharing", {"visibility": "private"})
    _, atlas = ada.post("/v1/assistants", {"name": "Atlas"})
    here, whom = f"/studio/{atlas['id']}/people", {"grantee": bea.member_id}
    with visiting(gateway, ada) as visitor:
        refused = [
            visitor.post(f"{here}/{atlas['id']}/add", whom | {"power": "download"}),
            visitor.post(f"{here}/{store}/add", whom | {"power": "own"}),
            visitor.post(f"{here}/{store}/visibility", {"visibility": "public"}),
            visitor.post(f"{here}/{store}/remove", {"grantee": "../../../me"}),
        ]

    assert {answer.status_code for answer in refused} == {400}
    assert ada.get(f"/v1/vector_stores/{store}/sharing")[1]["visibility"] == "private"
