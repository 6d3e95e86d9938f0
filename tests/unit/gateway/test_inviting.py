"""Invites: who may make them, who may use them, and that each is used once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.accounts import Power
from tests.support.gateway import PASSWORD, Person, RunningGateway

NEW_PASSWORD = "a long enough password"


def _invite(
    person: Person, email: str = "carol@example.org", role: str = "member", **more: str
) -> dict[str, Any]:
    status, invite = person.post("/v1/admin/invites", {"email": email, "role": role, **more})
    assert status == 201, invite
    return dict(invite)


def _sign_up(
    gateway: RunningGateway, token: str, email: str = "carol@example.org"
) -> tuple[int, Any]:
    account = {"email": email, "name": "Carol", "password": NEW_PASSWORD, "invite": token}
    answer = gateway.http.post("/v1/accounts", json=account)
    return answer.status_code, answer.json()


def _accept(person: Person, token: str) -> tuple[int, Any]:
    return person.post("/v1/invites/accept", {"token": token})


@pytest.fixture
def operator(gateway: RunningGateway) -> Person:
    return gateway.enrol("Olivia", is_operator=True)


def test_an_invited_person_signs_up_into_the_workspace(
    gateway: RunningGateway, ada: Person
) -> None:
    invite = _invite(ada, "Carol@Example.org", "guest")

    status, session = _sign_up(gateway, invite["token"], "carol@EXAMPLE.org")

    member = session["member"]
    assert status == 201
    assert member["workspace"] == {"id": ada.workspace_id, "name": "Ada", "power": "guest"}
    assert (member["email"], member["is_operator"]) == ("carol@example.org", False)


def test_who_signed_up_signs_in_with_their_password(gateway: RunningGateway, ada: Person) -> None:
    _sign_up(gateway, _invite(ada)["token"])
    credentials = {"email": "carol@example.org", "password": NEW_PASSWORD}

    assert gateway.http.post("/v1/sessions", json=credentials).status_code == 201


def test_the_link_leads_to_the_page_and_carries_the_token(ada: Person) -> None:
    invite = _invite(ada)

    assert invite["link"].endswith(f"/join?invite={invite['token']}")
    assert len(invite["token"]) > 43  # 256 bits and a prefix


def test_a_list_shows_open_invites_without_their_tokens(ada: Person) -> None:
    made = _invite(ada)

    _, page = ada.get("/v1/admin/invites")

    (listed,) = page["data"]
    assert listed["email"] == made["email"]
    assert made["token"] not in str(page)
    assert "token" not in listed
    assert "link" not in listed


def test_an_invite_is_used_once(gateway: RunningGateway, ada: Person) -> None:
    token = _invite(ada)["token"]
    _sign_up(gateway, token)

    status, answer = _sign_up(gateway, token)

    assert (status, answer["error"]["code"]) == (403, "invite_refused")


def test_ten_at_once_make_one_account(gateway: RunningGateway, ada: Person) -> None:
    token = _invite(ada)["token"]

    with ThreadPoolExecutor(10) as crowd:
        statuses = list(crowd.map(lambda _: _sign_up(gateway, token)[0], range(10)))

    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 403, 409}


def test_ten_accepts_at_once_make_one_membership(ada: Person, bob: Person) -> None:
    token = _invite(ada, "bob@example.org")["token"]

    with ThreadPoolExecutor(10) as crowd:
        statuses = list(crowd.map(lambda _: _accept(bob, token)[0], range(10)))

    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 403, 409}
    assert len(ada.get("/v1/admin/members")[1]["data"]) == 2


def test_an_account_that_is_there_accepts_and_works_in_the_workspace(
    ada: Person, bob: Person
) -> None:
    status, session = _accept(bob, _invite(ada, "bob@example.org")["token"])

    joined = Person(bob.http, session["token"])
    assert status == 201
    assert joined.get("/v1/me")[1]["workspace"]["id"] == ada.workspace_id
    assert bob.get("/v1/me")[1]["workspace"]["id"] == bob.workspace_id


def test_an_account_that_is_there_cannot_sign_up_again(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    token = _invite(ada, "bob@example.org")["token"]

    status, answer = _sign_up(gateway, token, "bob@example.org")

    assert (status, answer["error"]["code"]) == (409, "account_exists")
    assert _accept(bob, token)[0] == 201


def test_who_is_there_already_keeps_the_invite_unused(ada: Person) -> None:
    token = _invite(ada, "ada@example.org")["token"]

    assert _accept(ada, token)[1]["code"] == "already_a_member"
    assert len(ada.get("/v1/admin/invites")[1]["data"]) == 1


def test_nobody_else_can_use_an_invite(gateway: RunningGateway, ada: Person, bob: Person) -> None:
    token = _invite(ada)["token"]

    status, answer = _sign_up(gateway, token, "eve@example.org")

    assert (status, answer["error"]["code"]) == (403, "invite_for_another")
    assert _accept(bob, token)[1]["code"] == "invite_for_another"


def test_a_revoked_invite_opens_nothing(gateway: RunningGateway, ada: Person) -> None:
    invite = _invite(ada)

    assert ada.delete(f"/v1/admin/invites/{invite['id']}")[0] == 200
    assert _sign_up(gateway, invite["token"])[0] == 403
    assert ada.delete(f"/v1/admin/invites/{invite['id']}")[0] == 404


def test_an_invite_ends_after_a_week(gateway: RunningGateway, ada: Person) -> None:
    token = _invite(ada)["token"]

    gateway.clock.forward(7 * 24 * 3600 + 1)

    assert _sign_up(gateway, token)[0] == 403
    assert ada.get("/v1/admin/invites")[1]["data"] == []


def test_the_holder_sees_what_an_invite_offers(gateway: RunningGateway, ada: Person) -> None:
    token = _invite(ada, role="admin")["token"]

    offer = gateway.http.post("/v1/invites/look", json={"token": token}).json()

    assert (offer["email"], offer["role"]) == ("carol@example.org", "admin")
    assert (offer["workspace_name"], offer["has_account"]) == ("Ada", False)


@pytest.mark.parametrize("power", [Power.MEMBER, Power.GUEST])
def test_members_and_guests_may_not_invite_or_see_members(
    gateway: RunningGateway, ada: Person, power: Power
) -> None:
    carol = gateway.enrol("Carol", power=power, beside=ada)
    wanted = {"email": "dan@example.org", "role": "guest"}

    assert carol.post("/v1/admin/invites", wanted)[0] == 403
    assert carol.get("/v1/admin/invites")[0] == 403
    assert carol.get("/v1/admin/members")[0] == 403


def test_an_admin_invites_into_their_own_workspace(gateway: RunningGateway, ada: Person) -> None:
    carol = gateway.enrol("Carol", power=Power.ADMIN, beside=ada)

    assert _invite(carol, "dan@example.org")["workspace_id"] == ada.workspace_id


def test_a_foreign_workspace_looks_like_none(ada: Person, bob: Person) -> None:
    wanted = {"email": "dan@example.org", "workspace_id": bob.workspace_id}
    invite = _invite(bob)

    assert ada.post("/v1/admin/invites", wanted)[0] == 404
    assert ada.post("/v1/admin/invites", wanted | {"workspace_id": "wsp_no"})[0] == 404
    assert ada.delete(f"/v1/admin/invites/{invite['id']}")[0] == 404
    assert ada.get("/v1/admin/invites")[1]["data"] == []
    assert [one["name"] for one in ada.get("/v1/admin/members")[1]["data"]] == ["Ada"]


def test_an_operator_invites_anywhere_and_sees_everybody(
    operator: Person, ada: Person, bob: Person
) -> None:
    _invite(operator, workspace_id=bob.workspace_id)
    _invite(operator, workspace_id=ada.workspace_id)

    _, first = operator.get("/v1/admin/members", limit=2)
    _, rest = operator.get("/v1/admin/members", limit=2, after=first["last_id"])

    names = [one["name"] for one in first["data"] + rest["data"]]
    assert sorted(names) == ["Ada", "Bob", "Olivia"]
    assert first["has_more"] is True
    assert bob.get("/v1/admin/invites")[1]["data"][0]["invited_by"] == "Olivia"


def test_an_operator_makes_somebody_owner_of_a_new_workspace(
    gateway: RunningGateway, operator: Person
) -> None:
    invite = _invite(operator, role="owner", new_workspace="Lyceum")

    _, session = _sign_up(gateway, invite["token"])

    workspace = session["member"]["workspace"]
    assert (workspace["name"], workspace["power"]) == ("Lyceum", "owner")
    assert workspace["id"] != operator.workspace_id


@pytest.mark.parametrize(
    "wanted",
    [
        {"role": "owner"},
        {"role": "member", "new_workspace": "Lyceum"},
        {"role": "owner", "new_workspace": "Lyceum", "workspace_id": "wsp_1"},
        {"role": "emperor"},
    ],
)
def test_ownership_comes_only_with_a_new_workspace(
    operator: Person, wanted: dict[str, str]
) -> None:
    assert operator.post("/v1/admin/invites", {"email": "dan@example.org", **wanted})[0] == 400


def test_only_operators_make_workspaces(ada: Person) -> None:
    wanted = {"email": "dan@example.org", "role": "owner", "new_workspace": "Lyceum"}

    assert ada.post("/v1/admin/invites", wanted)[0] == 403


def test_a_key_may_not_invite(gateway: RunningGateway, ada: Person) -> None:
    program = gateway.with_key(ada, "manage", "read")

    assert program.post("/v1/admin/invites", {"email": "dan@example.org"})[0] == 403
    assert program.get("/v1/admin/members")[0] == 403


def test_signing_up_needs_an_invite(gateway: RunningGateway) -> None:
    status, answer = _sign_up(gateway, "inv-stoa-guess")
    account = {"email": "eve@example.org", "name": "Eve", "password": PASSWORD}

    assert (status, answer["error"]["code"]) == (403, "invite_refused")
    assert gateway.http.post("/v1/accounts", json=account).status_code == 400
