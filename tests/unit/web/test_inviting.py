"""Members, invites, and the page an invite leads to."""

import re

from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of

SIGN_UP = {
    "name": "Carol",
    "password": "colonnade in the shade",
    "password_again": "colonnade in the shade",
}


def _invited(ada: Person, email: str = "carol@example.org", **more: str) -> str:
    """Invite somebody on the page; the token in the link it shows."""
    page = ada.post("/admin/invites", {"email": email, "role": "member", **more})
    found = re.search(r"/join\?invite=([\w-]+)", page.text)
    assert found is not None, page.text
    return found[1]


def test_administrators_see_who_is_here(ada: Person) -> None:
    words = words_of(ada.get("/admin/members"))

    assert "bob@example.org" in words
    assert "operator" in words


def test_members_do_not_see_the_page(bob: Person) -> None:
    assert bob.get("/admin/members").status_code == 403
    assert bob.post("/admin/invites", {"email": "eve@example.org"}).status_code == 403


def test_the_link_is_shown_once(ada: Person) -> None:
    token = _invited(ada)

    assert token not in ada.get("/admin/members").text
    assert "carol@example.org" in words_of(ada.get("/admin/members"))
    assert ada.get("/admin/invites").headers["location"] == "/admin/members"


def test_an_invite_can_be_revoked(ada: Person, stranger: Person, standin: Standin) -> None:
    token = _invited(ada)
    (invite_id,) = standin.invites

    assert ada.post(f"/admin/invites/{invite_id}/revoke").status_code == 303
    page = stranger.get(f"/join?invite={token}")
    assert page.status_code == 403
    assert "This invite does not work any more" in words_of(page)


def test_an_operator_can_make_a_new_workspace(ada: Person, standin: Standin) -> None:
    _invited(ada, new_workspace="Lyceum")

    (invite,) = standin.invites.values()
    assert (invite.workspace_name, invite.role) == ("Lyceum", "owner")


def test_a_wrong_address_is_said_at_its_field(ada: Person, standin: Standin) -> None:
    page = ada.post("/admin/invites", {"email": "nobody", "role": "member"})

    assert page.status_code == 422
    assert 'value="nobody"' in page.text
    assert standin.invites == {}


def test_an_invited_stranger_signs_up_and_is_signed_in(ada: Person, stranger: Person) -> None:
    token = _invited(ada)
    assert "Join Athens" in words_of(stranger.get(f"/join?invite={token}"))

    response = stranger.post("/join", {"invite": token, **SIGN_UP})

    assert response.headers["location"] == "/"
    assert "Carol" in words_of(stranger.get("/account"))


def test_two_different_passwords_use_nothing_up(ada: Person, stranger: Person) -> None:
    token = _invited(ada)

    page = stranger.post("/join", {"invite": token, **SIGN_UP, "password_again": "other"})

    assert page.status_code == 422
    assert "The two passwords differ." in words_of(page)
    assert stranger.post("/join", {"invite": token, **SIGN_UP}).status_code == 303


def test_a_short_password_is_said_at_its_field(ada: Person, stranger: Person) -> None:
    short = {"password": "short", "password_again": "short"}
    page = stranger.post("/join", {"invite": _invited(ada), **SIGN_UP, **short})

    assert page.status_code == 422
    assert "This is too short." in words_of(page)
    assert 'value="Carol"' in page.text


def test_a_used_invite_is_said_to_be_used(stranger: Person) -> None:
    page = stranger.post("/join", {"invite": "inv-stoa-none", **SIGN_UP})

    assert page.status_code == 400
    assert "This invite does not work any more" in words_of(page)


def test_who_has_an_account_joins_with_its_password(ada: Person, stranger: Person) -> None:
    token = _invited(ada, "bob@example.org")

    page = stranger.get(f"/join?invite={token}")

    assert 'action="/join/sign-in"' in page.text
    assert 'name="password_again"' not in page.text


def test_who_is_signed_in_accepts_and_works_there(
    ada: Person, bob: Person, standin: Standin
) -> None:
    token = _invited(ada, "bob@example.org", new_workspace="Lyceum")
    assert "one more workspace" in words_of(bob.get(f"/join?invite={token}"))

    response = bob.post("/join/accept", {"invite": token})

    assert response.status_code == 303
    assert standin.passwords["bob@example.org"][1].workspace.name == "Lyceum"
    assert standin.invites == {}


def test_an_invite_for_another_is_not_accepted(ada: Person, bob: Person) -> None:
    token = _invited(ada)

    assert "Sign out first." in words_of(bob.get(f"/join?invite={token}"))
    page = bob.post("/join/accept", {"invite": token})
    assert page.status_code == 400
    assert "another email address" in words_of(page)
