"""Workspaces: listed, made, named; roles changed, members taken out, and always an owner."""

import pytest

from contracts.accounts import Power, SignUpMode
from tests.support.accounts import signed_in
from tests.support.gateway import PASSWORD, Person, RunningGateway
from tests.unit.gateway_accounts.conftest import Opens


@pytest.fixture
def carol(gateway: RunningGateway, ada: Person) -> Person:
    """A member of Ada's workspace."""
    return gateway.enrol("Carol", power=Power.MEMBER, beside=ada)


@pytest.fixture
def dan(gateway: RunningGateway, ada: Person) -> Person:
    """An admin there."""
    return gateway.enrol("Dan", power=Power.ADMIN, beside=ada)


def member(person: Person, of: Person) -> str:
    return f"/v1/workspaces/{of.workspace_id}/members/{person.member_id}"


def test_a_member_sees_their_workspaces_and_no_others(ada: Person, bob: Person) -> None:
    _, page = ada.get("/v1/workspaces")

    (one,) = page["data"]
    assert (one["id"], one["role"], one["is_current"]) == (ada.workspace_id, "owner", True)
    assert one["is_own"] is True
    assert bob.workspace_id not in str(page)


def test_operators_make_workspaces_and_where_all_may_sign_up_all_do(
    operator: Person, ada: Person, opens: Opens
) -> None:
    made, workspace = operator.post("/v1/workspaces", {"name": " Lyceum "})
    refused, problem = ada.post("/v1/workspaces", {"name": "Agora"})
    open_place = opens(sign_up=SignUpMode.OPEN)
    openly, _ = Person(open_place.http, ada.token).post("/v1/workspaces", {"name": "Agora"})

    assert (made, workspace["name"], workspace["role"]) == (201, "Lyceum", "owner")
    assert (refused, problem["code"], openly) == (403, "workspaces_not_open", 201)


def test_who_runs_a_workspace_names_it(
    ada: Person, bob: Person, carol: Person, operator: Person
) -> None:
    path = f"/v1/workspaces/{ada.workspace_id}"
    answers = [one.patch(path, {"name": "Academy"}) for one in (ada, carol, bob)]

    assert [status for status, _ in answers] == [200, 403, 404]
    assert answers[0][1]["name"] == ada.get("/v1/me")[1]["workspace"]["name"] == "Academy"
    assert operator.patch(f"/v1/workspaces/{ada.workspace_id}", {"name": "Mine"})[0] == 403
    assert ada.patch(path, {"name": "x", "id": "wsp_mine"})[0] == 400


def test_the_roster_is_for_those_who_run_the_place(
    ada: Person, bob: Person, carol: Person, dan: Person, operator: Person
) -> None:
    path = f"/v1/workspaces/{ada.workspace_id}/members"
    statuses = [one.get(path)[0] for one in (ada, dan, operator, carol, bob)]

    assert statuses == [200, 200, 200, 403, 404]
    assert {one["name"] for one in ada.get(path)[1]["data"]} == {"Ada", "Carol", "Dan"}


def test_an_admin_changes_roles_below_the_owners(
    ada: Person, bob: Person, carol: Person, dan: Person
) -> None:
    assert dan.patch(member(carol, ada), {"role": "guest"})[0] == 200
    assert dan.patch(member(carol, ada), {"role": "owner"})[1]["code"] == "owners_only"
    assert dan.patch(member(ada, ada), {"role": "member"})[1]["code"] == "owners_only"
    assert dan.delete(member(ada, ada))[1]["code"] == "owners_only"
    assert bob.patch(member(carol, ada), {"role": "owner"})[1]["code"] == "workspace_not_found"


def test_a_member_gives_nobody_a_role_least_of_all_themselves(ada: Person, carol: Person) -> None:
    answers = [
        carol.patch(member(carol, ada), {"role": "owner"}),
        carol.patch(member(ada, ada), {"role": "guest"}),
        carol.delete(member(ada, ada)),
    ]

    assert {(status, body["code"]) for status, body in answers} == {
        (403, "not_the_workspace_admin")
    }


def test_the_last_owner_stays_until_there_is_another(ada: Person, carol: Person) -> None:
    demoted = ada.patch(member(ada, ada), {"role": "admin"})
    left = ada.delete(member(ada, ada))
    ada.patch(member(carol, ada), {"role": "owner"})
    done, _ = ada.patch(member(ada, ada), {"role": "admin"})

    assert (demoted[1]["code"], left[1]["code"]) == ("last_owner", "last_owner")
    assert done == 200


def test_two_owners_cannot_both_go_at_once(gateway: RunningGateway, ada: Person) -> None:
    eve = gateway.enrol("Eve", power=Power.OWNER, beside=ada)
    statuses = [eve.delete(member(eve, ada))[0], ada.delete(member(ada, ada))[0]]

    assert statuses == [200, 409]


def test_what_a_removed_member_made_goes_to_an_owner(
    gateway: RunningGateway, ada: Person, carol: Person
) -> None:
    key = gateway.with_key(carol, "read")
    _, assistant = carol.post("/v1/assistants", {"name": "Atlas"})
    _, collection = carol.post("/v1/vector_stores", {"name": "Rules"})
    status, answer = ada.delete(member(carol, ada))
    renamed, _ = ada.post(f"/v1/assistants/{assistant['id']}", {"name": "Atlas II"})
    changed, _ = ada.post(f"/v1/vector_stores/{collection['id']}", {"name": "Our rules"})

    assert (status, answer["handed_to"]) == (200, ada.member_id)
    assert (renamed, changed) == (200, 200)
    assert (carol.get("/v1/me")[0], key.get("/v1/me")[0]) == (401, 401)


def test_a_member_leaves_and_keeps_their_other_workspace(ada: Person, bob: Person) -> None:
    _, invite = ada.post("/v1/admin/invites", {"email": "bob@example.org", "role": "member"})
    bob.post("/v1/invites/accept", {"token": invite["token"]})
    before = len(bob.get("/v1/workspaces")[1]["data"])
    status, _ = bob.delete(member(bob, ada))

    assert (before, status) == (2, 200)
    assert [one["id"] for one in bob.get("/v1/workspaces")[1]["data"]] == [bob.workspace_id]
    assert bob.delete(member(bob, ada))[0] == 404


def test_shares_with_a_removed_member_do_not_wait_for_their_return(
    gateway: RunningGateway, ada: Person, carol: Person
) -> None:
    _, assistant = ada.post("/v1/assistants", {"name": "Atlas"})
    sharing = {
        "visibility": "private",
        "members": [{"id": carol.member_id, "powers": ["use", "edit"]}],
    }
    shared, _ = ada.put(f"/v1/assistants/{assistant['id']}/sharing", sharing)
    ada.delete(member(carol, ada))
    _, invite = ada.post("/v1/admin/invites", {"email": "carol@example.org", "role": "member"})
    body = {"token": invite["token"], "password": PASSWORD}
    session = gateway.http.post("/v1/invites/sign-in", json=body).json()
    back = Person(gateway.http, session["token"])

    assert shared == 200
    assert back.get(f"/v1/assistants/{assistant['id']}")[0] == 404


def test_an_operator_mends_a_workspace_they_are_not_in(
    gateway: RunningGateway, operator: Person, ada: Person, carol: Person
) -> None:
    assert operator.patch(member(carol, ada), {"role": "owner"})[0] == 200
    assert operator.delete(member(ada, ada))[0] == 200
    new = signed_in(gateway.http, "carol@example.org", PASSWORD)

    assert new.get("/v1/me")[1]["workspace"]["power"] == "owner"
