"""Sign-up open, by invite and closed; pending accounts; and that no answer tells who is here."""

import asyncio
from pathlib import Path

import pytest

from contracts.accounts import SignUpMode
from tests.support.accounts import PASSWORD, call, sign_in, sign_up, signed_in
from tests.support.gateway import Person, RunningGateway, changed, found
from tests.support.mail import PostBox, letters_in, token_of
from tests.unit.gateway_accounts.conftest import Opens

OPEN = SignUpMode.OPEN
CAROL = "carol@example.org"


@pytest.fixture
def open_place(opens: Opens, post: PostBox) -> RunningGateway:
    """Open, with a mail server."""
    place = opens(sign_up=OPEN, mail=post.settings())
    place.enrol("Olivia", is_operator=True)
    return place


@pytest.fixture
def quiet_place(opens: Opens) -> RunningGateway:
    """Open, without one."""
    place = opens(sign_up=OPEN)
    place.enrol("Olivia", is_operator=True)
    return place


def test_a_stranger_signs_up_confirms_and_has_a_workspace(
    open_place: RunningGateway, post: PostBox
) -> None:
    status, answer = sign_up(open_place.http, "Carol@Example.org")
    confirmed, _ = call(open_place.http, "/v1/accounts/confirm", {"token": post.token(CAROL)})
    _, me = signed_in(open_place.http, CAROL).get("/v1/me")

    assert (status, answer) == (202, {"object": "sign_up", "next": "read_mail"})
    assert confirmed == 200
    assert (me["workspace"]["name"], me["workspace"]["power"]) == ("Carol", "owner")
    assert me["is_operator"] is False


def test_a_pending_account_signs_in_and_can_call_nothing_but_resend_and_sign_out(
    open_place: RunningGateway, post: PostBox
) -> None:
    sign_up(open_place.http, CAROL)
    carol = signed_in(open_place.http, CAROL)
    refused = [
        carol.get("/v1/me"),
        carol.get("/v1/assistants"),
        carol.post("/v1/assistants", {"name": "Atlas"}),
        carol.post("/v1/keys", {"name": "laptop"}),
        carol.get("/v1/sessions"),
        carol.get("/v1/workspaces"),
        carol.post("/v1/me/password", {"old_password": PASSWORD, "password": "another walk"}),
        carol.post("/v1/me/export", {"password": PASSWORD}),
        carol.post("/v1/me/delete", {"password": PASSWORD}),
    ]
    resent, _ = carol.post("/v1/accounts/confirm/resend")
    first, second = post.token(CAROL), post.token(CAROL, 2)
    old, _ = call(open_place.http, "/v1/accounts/confirm", {"token": first})
    new, _ = call(open_place.http, "/v1/accounts/confirm", {"token": second})

    assert {(status, body["code"]) for status, body in refused} == {(403, "account_pending")}
    assert (resent, old, new) == (202, 403, 200)
    assert carol.get("/v1/me")[0] == 200
    assert carol.delete("/v1/sessions/current")[0] == 200


def test_a_known_address_gets_the_same_answer_and_a_letter(
    open_place: RunningGateway, post: PostBox
) -> None:
    open_place.enrol("Ada")
    unknown = sign_up(open_place.http, CAROL)
    known = sign_up(open_place.http, "ada@example.org", "Eve")
    letter = post.wait("ada@example.org")

    assert known == unknown
    assert "already" in str(letter["Subject"])
    assert sign_in(open_place.http, "ada@example.org")[0] == 401
    assert "/reset?token=" in letter.get_content()


def test_whoever_holds_the_mailbox_wins_over_who_signed_up_first(
    open_place: RunningGateway, post: PostBox
) -> None:
    sign_up(open_place.http, CAROL, "Eve", "the password of eve")
    eve = signed_in(open_place.http, CAROL, "the password of eve")
    sign_up(open_place.http, CAROL, "Carol")
    reset = {"token": post.token(CAROL, 2), "password": PASSWORD}
    call(open_place.http, "/v1/password-resets/use", reset)

    assert sign_in(open_place.http, CAROL, "the password of eve")[0] == 401
    assert eve.get("/v1/me")[1]["code"] == "not_signed_in"
    assert signed_in(open_place.http, CAROL).get("/v1/me")[0] == 200


def test_without_a_mail_server_an_account_works_at_once(
    quiet_place: RunningGateway, tmp_path: Path
) -> None:
    quiet_place.enrol("Ada")
    answers = [
        sign_up(quiet_place.http, CAROL),
        sign_up(quiet_place.http, "ada@example.org"),
    ]
    (letter,) = letters_in(tmp_path / "mail")

    assert answers == [(202, {"object": "sign_up", "next": "sign_in"})] * 2
    assert signed_in(quiet_place.http, CAROL).get("/v1/me")[0] == 200
    assert (letter["To"], token_of(letter)[:9]) == ("ada@example.org", "rst-stoa-")


def test_a_sign_up_in_chinese_is_answered_in_chinese(
    open_place: RunningGateway, post: PostBox
) -> None:
    account = {"email": CAROL, "name": "卡罗尔", "password": "橄榄树下的长廊里散步去"}
    call(open_place.http, "/v1/accounts", account, **{"accept-language": "zh-CN,zh;q=0.9"})

    assert "确认" in str(post.wait(CAROL)["Subject"])


def test_nobody_signs_up_before_somebody_runs_the_place(opens: Opens) -> None:
    status, problem = sign_up(opens(sign_up=OPEN).http, CAROL)

    assert (status, problem["code"]) == (403, "sign_up_closed")


def test_closed_means_that_an_invite_opens_nothing_either(opens: Opens) -> None:
    place = opens(sign_up=SignUpMode.CLOSED)
    _, invite = place.enrol("Ada").post("/v1/admin/invites", {"email": CAROL, "role": "member"})
    status, problem = sign_up(place.http, CAROL, invite=invite["token"])

    assert (status, problem["code"]) == (403, "sign_up_closed")


def test_by_invite_means_that_nobody_comes_without(gateway: RunningGateway) -> None:
    status, problem = sign_up(gateway.http, CAROL)

    assert (status, problem["code"]) == (400, "invite_needed")


@pytest.mark.parametrize("mode", list(SignUpMode))
def test_anybody_may_know_how_people_come_in(opens: Opens, mode: SignUpMode) -> None:
    seen = opens(sign_up=mode).http.get("/v1/installation").json()

    assert (seen["sign_up"], seen["sends_mail"]) == (mode.value, False)


def test_a_confirmation_works_once_and_for_an_hour(
    open_place: RunningGateway, post: PostBox
) -> None:
    sign_up(open_place.http, CAROL)
    link = {"token": post.token(CAROL)}
    open_place.clock.forward(3601)
    late, _ = call(open_place.http, "/v1/accounts/confirm", link)
    open_place.clock.forward(-3601)
    first, _ = call(open_place.http, "/v1/accounts/confirm", link)
    second, problem = call(open_place.http, "/v1/accounts/confirm", link)

    assert (late, first, second, problem["code"]) == (403, 200, 403, "link_refused")


@pytest.mark.parametrize(
    "password",
    [
        "password123456"[:11],
        "qwertyuiop",
        "1111111111111",
        "abcdefghijklm",
        "carol.carol",
        "carol12345",
    ],
)
def test_a_password_that_is_tried_first_is_refused(
    quiet_place: RunningGateway, password: str
) -> None:
    status, problem = sign_up(quiet_place.http, CAROL, "Carol", password)

    assert (status, problem["code"], problem["param"]) == (400, "weak_password", "password")


@pytest.mark.parametrize(
    "password", ["a" * 9, "x" * 201, "\\ud800 half a sign"], ids=["short", "long", "half a sign"]
)
def test_what_is_no_password_at_all_is_an_invalid_request(
    quiet_place: RunningGateway, password: str
) -> None:
    body = f'{{"email": "{CAROL}", "name": "Carol", "password": "{password}"}}'
    answer = quiet_place.http.post(
        "/v1/accounts", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "橄榄树下的长廊里散步去",
        "🏛🌿🫒🏺🌊⛵🐚🌞🍇🍶",
        "  spaces  at the end  ",
    ],
)
def test_a_good_password_may_be_of_any_script(quiet_place: RunningGateway, password: str) -> None:
    sign_up(quiet_place.http, CAROL, "Carol", password)

    assert sign_in(quiet_place.http, CAROL, password)[0] == 201
    assert sign_in(quiet_place.http, CAROL, password.strip() + "!")[0] == 401


def test_letters_composed_in_two_ways_are_one_password(quiet_place: RunningGateway) -> None:
    sign_up(quiet_place.http, CAROL, "Carol", "café unter Olivenbäumen")

    assert sign_in(quiet_place.http, CAROL, "cafe\u0301 unter Olivenba\u0308umen")[0] == 201


def test_no_password_and_no_token_is_kept_as_it_was_typed(
    open_place: RunningGateway, post: PostBox
) -> None:
    sign_up(open_place.http, CAROL)
    token = post.token(CAROL)
    rows = asyncio.run(
        found(
            open_place.database_url,
            "SELECT m.password_hash, t.token_hash FROM members m JOIN tickets t "
            "ON t.member_id = m.id",
        )
    )

    (row,) = rows
    assert row[0].startswith("$argon2id$")
    assert token not in row[1]
    assert PASSWORD not in str(rows)


def test_a_pending_accounts_key_would_open_nothing(
    open_place: RunningGateway, post: PostBox
) -> None:
    ada = open_place.enrol("Ada")
    key = open_place.with_key(ada, "read")
    before, _ = key.get("/v1/assistants")
    pending = "UPDATE members SET pending_since = now() WHERE id = :id"
    asyncio.run(changed(open_place.database_url, pending, id=ada.member_id))
    after, problem = Person(open_place.http, key.token).get("/v1/assistants")

    assert (before, after, problem["code"]) == (200, 401, "invalid_api_key")
    assert post.letters == []
