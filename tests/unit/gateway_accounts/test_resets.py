"""A lost password, and changes of password, name and address by whoever is signed in."""

from pathlib import Path

import pytest

from tests.support.accounts import PASSWORD as NEW
from tests.support.accounts import call, sign_in, signed_in
from tests.support.gateway import PASSWORD, Person, RunningGateway
from tests.support.mail import PostBox, letters_in, token_of
from tests.unit.gateway_accounts.conftest import Opens

ADA = "ada@example.org"


@pytest.fixture
def place(opens: Opens, post: PostBox) -> RunningGateway:
    """With a mail server, and Ada."""
    found = opens(mail=post.settings())
    found.enrol("Ada")
    return found


def ask(place: RunningGateway, email: str = ADA) -> tuple[int, object]:
    return call(place.http, "/v1/password-resets", {"email": email})


def use(place: RunningGateway, token: str, password: str = NEW) -> tuple[int, dict[str, object]]:
    return call(place.http, "/v1/password-resets/use", {"token": token, "password": password})


def test_a_link_sets_a_new_password_once_ends_sessions_and_leaves_keys(
    place: RunningGateway, post: PostBox
) -> None:
    ada = signed_in(place.http, ADA, PASSWORD)
    key = place.with_key(ada, "read")
    ask(place)
    token = post.token(ADA)
    weak, _ = use(place, token, "qwertyuiop")
    done, answer = use(place, token)
    again, problem = use(place, token, "yet another walk")

    assert (weak, done, again, problem["code"]) == (400, 200, 403, "link_refused")
    assert answer["sessions_ended"] == 2
    assert (ada.get("/v1/me")[0], key.get("/v1/me")[0]) == (401, 200)
    assert sign_in(place.http, ADA, PASSWORD)[0] == 401
    assert sign_in(place.http, ADA)[0] == 201
    assert "changed" in str(post.wait(ADA, 2)["Subject"])


def test_the_answer_is_the_same_for_a_stranger_who_gets_no_letter(
    place: RunningGateway, post: PostBox
) -> None:
    known, unknown = ask(place), ask(place, "nobody@example.org")
    post.wait(ADA)

    assert known == unknown == (202, {"object": "letter", "status": "accepted"})
    assert post.to("nobody@example.org") == []


def test_a_newer_link_and_an_hour_end_the_older_one(place: RunningGateway, post: PostBox) -> None:
    ask(place)
    first = post.token(ADA)
    ask(place)
    second = post.token(ADA, 2)
    assert use(place, first)[0] == 403
    place.clock.forward(3601)

    assert use(place, second)[0] == 403


def test_a_suspended_member_gets_no_letter_and_uses_none(
    place: RunningGateway, post: PostBox
) -> None:
    operator = place.enrol("Olivia", is_operator=True)
    _, members = operator.get("/v1/admin/members", limit=100)
    ada_id = next(one["id"] for one in members["data"] if one["email"] == ADA)
    ask(place)
    token = post.token(ADA)
    operator.post(f"/v1/admin/members/{ada_id}/suspend")
    refused, _ = use(place, token)
    ask(place)
    ask(place, "olivia@example.org")
    post.wait("olivia@example.org")

    assert refused == 403
    assert len(post.to(ADA)) == 1


def test_the_laptops_letter_lies_in_the_folder(opens: Opens, tmp_path: Path) -> None:
    place = opens()
    place.enrol("Ada")
    ask(place)
    (letter,) = letters_in(tmp_path / "mail")

    assert use(place, token_of(letter))[0] == 200


def test_another_password_needs_the_present_one_and_ends_every_session(
    place: RunningGateway,
) -> None:
    ada, elsewhere = signed_in(place.http, ADA, PASSWORD), signed_in(place.http, ADA, PASSWORD)
    key = place.with_key(ada, "read")
    wrong, problem = ada.post("/v1/me/password", {"old_password": "not hers", "password": NEW})
    done, session = ada.post("/v1/me/password", {"old_password": PASSWORD, "password": NEW})
    now = Person(place.http, session["token"])

    assert (wrong, problem["code"], done) == (401, "wrong_credentials", 200)
    assert [one.get("/v1/me")[0] for one in (ada, elsewhere, now, key)] == [401, 401, 200, 200]
    assert sign_in(place.http, ADA, PASSWORD)[0] == 401
    assert session["token"] not in (ada.token, elsewhere.token)


def test_a_change_of_password_ends_the_links_that_are_under_way(
    place: RunningGateway, post: PostBox
) -> None:
    ask(place)
    token = post.token(ADA)
    ada = signed_in(place.http, ADA, PASSWORD)
    ada.post("/v1/me/password", {"old_password": PASSWORD, "password": NEW})

    assert use(place, token, "the password of eve")[0] == 403


def test_a_new_address_counts_once_its_link_was_followed(
    place: RunningGateway, post: PostBox
) -> None:
    ada = signed_in(place.http, ADA, PASSWORD)
    wanted = {"email": "ada@stoa.example", "password": PASSWORD}
    status, answer = ada.post("/v1/me/email", wanted)
    before = ada.get("/v1/me")[1]["email"]
    token = post.token("ada@stoa.example")
    done, _ = call(place.http, "/v1/accounts/confirm", {"token": token})

    assert (status, answer["status"], before, done) == (202, "confirm_by_mail", ADA, 200)
    assert ada.get("/v1/me")[1]["email"] == "ada@stoa.example"
    assert "address was changed" in str(post.wait(ADA)["Subject"])


def test_a_taken_address_is_neither_told_nor_given(place: RunningGateway, post: PostBox) -> None:
    place.enrol("Bob")
    ada = signed_in(place.http, ADA, PASSWORD)
    free = ada.post("/v1/me/email", {"email": "free@example.org", "password": PASSWORD})
    taken = ada.post("/v1/me/email", {"email": "bob@example.org", "password": PASSWORD})
    post.wait("free@example.org")

    assert free == taken
    assert post.to("bob@example.org") == []


def test_without_a_mail_server_an_address_changes_at_once(opens: Opens) -> None:
    place = opens()
    place.enrol("Bob")
    ada = place.enrol("Ada")
    _, done = ada.post("/v1/me/email", {"email": "New@Example.org", "password": PASSWORD})
    taken, problem = ada.post("/v1/me/email", {"email": "bob@example.org", "password": PASSWORD})

    assert (done["status"], taken, problem["code"]) == ("changed", 409, "account_exists")
    assert ada.get("/v1/me")[1]["email"] == "new@example.org"


def test_a_member_changes_their_name(place: RunningGateway) -> None:
    ada = signed_in(place.http, ADA, PASSWORD)
    status, me = ada.patch("/v1/me", {"name": " Ada Byron "})

    assert (status, me["name"]) == (200, "Ada Byron")
    assert ada.patch("/v1/me", {"name": "Ada", "is_operator": True})[0] == 400


def test_a_key_changes_nothing_of_its_owners_account(place: RunningGateway) -> None:
    key = place.with_key(signed_in(place.http, ADA, PASSWORD), "manage", "read", "chat", "ingest")
    shown = {"password": PASSWORD}
    answers = [
        key.patch("/v1/me", {"name": "Eve"}),
        key.post("/v1/me/password", {"old_password": PASSWORD, "password": NEW}),
        key.post("/v1/me/email", {"email": "eve@example.org", **shown}),
        key.post("/v1/me/export", shown),
        key.post("/v1/me/delete", shown),
        key.get("/v1/sessions"),
        key.delete("/v1/sessions"),
        key.get("/v1/workspaces"),
    ]

    assert {(status, body["code"]) for status, body in answers} == {(403, "session_only")}
