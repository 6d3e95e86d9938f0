"""Guesses are stopped, the right word is not; nobody learns who is here, and owners stay able."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.adapters.rate_windows_memory import MemoryRateWindows
from gateway.guessing.errors import TooManyAttempts
from gateway.guessing.rules import WINDOW_SECONDS, Attempt, bounds_of, network_of
from gateway.guessing.service import Guesses
from gateway.settings import GuessLimits
from runtime.visitor_tokens import HEADER, PURPOSE, Visitor, VisitorTokens
from tests.support.accounts import call, sign_in, sign_up
from tests.support.gateway import PASSWORD, Person, RunningGateway
from tests.unit.gateway_accounts.conftest import Opens

FEW = GuessLimits(account_from_address=5, account=12, address=15, letters=3, sign_ups=4)
ADA = "ada@example.org"
WRONG = "not her password"


@pytest.fixture
def place(opens: Opens) -> RunningGateway:
    """Patience for five wrong words."""
    found = opens(guesses=FEW)
    found.enrol("Ada")
    return found


def from_address(place: RunningGateway, address: str) -> dict[str, str]:
    """What web sends along for a visitor."""
    tokens = VisitorTokens(place.settings.shared.purpose_key(PURPOSE))
    return {HEADER: tokens.sign(Visitor(address, "Firefox/1 Linux", "en"))}


def guess(place: RunningGateway, address: str, email: str = ADA) -> int:
    body = {"email": email, "password": WRONG}
    return call(place.http, "/v1/sessions", body, **from_address(place, address))[0]


def test_guesses_at_a_password_are_stopped_and_told_when_to_come_back(
    place: RunningGateway,
) -> None:
    statuses = [sign_in(place.http, ADA, WRONG)[0] for _ in range(9)]
    answer = place.http.post("/v1/sessions", json={"email": ADA, "password": PASSWORD})

    assert statuses == [401] * 5 + [429] * 4
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many_attempts"
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW_SECONDS


def test_a_crowd_of_guesses_at_once_gets_no_further(place: RunningGateway) -> None:
    with ThreadPoolExecutor(20) as crowd:
        statuses = list(crowd.map(lambda _: sign_in(place.http, ADA, WRONG)[0], range(40)))

    assert statuses.count(401) == 5
    assert statuses.count(429) == 35


def test_the_right_password_is_not_counted(place: RunningGateway) -> None:
    statuses = [sign_in(place.http, ADA, PASSWORD)[0] for _ in range(12)]

    assert set(statuses) == {201}


def test_a_stranger_is_stopped_as_a_member_is_word_for_word(place: RunningGateway) -> None:
    known = [sign_in(place.http, ADA, WRONG) for _ in range(5)]
    unknown = [sign_in(place.http, "nobody@example.org", WRONG) for _ in range(5)]
    stopped = [
        place.http.post("/v1/sessions", json={"email": email, "password": WRONG})
        for email in (ADA, "nobody@example.org")
    ]

    assert known == unknown
    assert [answer.status_code for answer in stopped] == [429, 429]
    first, second = (answer.json()["error"] for answer in stopped)
    assert first["code"] == second["code"] == "too_many_attempts"


def test_a_strangers_guesses_do_not_lock_the_owner_out_elsewhere(place: RunningGateway) -> None:
    strangers = [guess(place, "198.51.100.7") for _ in range(7)]
    own = from_address(place, "203.0.113.9")
    status, _ = call(place.http, "/v1/sessions", {"email": ADA, "password": PASSWORD}, **own)

    assert strangers == [401] * 5 + [429] * 2
    assert status == 201


def test_guesses_from_many_addresses_are_stopped_for_the_account(place: RunningGateway) -> None:
    statuses = [guess(place, f"198.51.100.{number}") for number in range(15)]

    assert statuses == [401] * 12 + [429] * 3


def test_guesses_at_many_accounts_are_stopped_for_the_address(place: RunningGateway) -> None:
    statuses = [guess(place, "198.51.100.7", f"n{number}@example.org") for number in range(18)]

    assert statuses == [401] * 15 + [429] * 3


def test_nobody_gets_another_bucket_by_a_header_of_their_own(place: RunningGateway) -> None:
    body = {"email": ADA, "password": WRONG}
    headers = [
        {"x-forwarded-for": f"198.51.100.{number}", "x-real-ip": "198.51.100.1"}
        for number in range(4)
    ] + [{HEADER: "198.51.100.9"}, {"forwarded": "for=198.51.100.9"}, {"client-ip": "1.2.3.4"}]
    statuses = [call(place.http, "/v1/sessions", body, **header)[0] for header in headers]

    assert statuses == [401] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("path", "body", "first"),
    [
        ("/v1/accounts/claim", {"token": "clm-stoa-x", "email": ADA, "name": "Eve"}, 403),
        ("/v1/invites/look", {"token": "inv-stoa-x"}, 403),
        ("/v1/accounts", {"invite": "inv-stoa-x", "email": ADA, "name": "Eve"}, 403),
        ("/v1/accounts/confirm", {"token": "cnf-stoa-x"}, 403),
        ("/v1/password-resets/use", {"token": "rst-stoa-x"}, 403),
        ("/v1/invites/sign-in", {"token": "inv-stoa-x", "password": WRONG}, 403),
    ],
)
def test_guesses_at_a_code_are_stopped(
    place: RunningGateway, path: str, body: dict[str, str], first: int
) -> None:
    if "look" not in path and "confirm" not in path:
        body = body | {"password": "a walk under olive trees"}
    statuses = [call(place.http, path, body)[0] for _ in range(17)]

    assert statuses == [first] * 15 + [429] * 2


def test_guesses_at_a_share_link_are_stopped(place: RunningGateway) -> None:
    eve = place.enrol("Eve")
    codes = [eve.get(f"/v1/shared/shr-stoa-{number}")[1]["code"] for number in range(17)]

    assert codes == ["share_not_found"] * 15 + ["too_many_attempts"] * 2


def test_letters_to_one_mailbox_are_few(place: RunningGateway) -> None:
    body = {"email": ADA}
    known = [call(place.http, "/v1/password-resets", body)[0] for _ in range(4)]
    unknown = [
        call(place.http, "/v1/password-resets", {"email": "nobody@example.org"})[0]
        for _ in range(4)
    ]

    assert known == unknown == [202] * 3 + [429]


def test_new_accounts_of_one_address_are_few(opens: Opens) -> None:
    place = opens(guesses=FEW, sign_up="open")
    place.enrol("Olivia", is_operator=True)
    statuses = [sign_up(place.http, f"n{number}@example.org")[0] for number in range(5)]

    assert statuses == [202] * 4 + [429]


def test_the_password_of_a_session_cannot_be_guessed_either(place: RunningGateway) -> None:
    session = call(place.http, "/v1/sessions", {"email": ADA, "password": PASSWORD})[1]
    ada = Person(place.http, session["token"])
    shown = {"password": WRONG}
    statuses = [ada.post("/v1/me/delete", shown)[0] for _ in range(3)]
    statuses += [ada.post("/v1/me/export", shown)[0] for _ in range(4)]

    assert statuses == [401] * 5 + [429] * 2


def test_one_subscribers_ipv6_addresses_are_one_bucket() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("not an address") == "unknown"


def test_the_counting_server_learns_no_address_of_a_person() -> None:
    bounds = bounds_of(Attempt("sign-in", "192.0.2.1", ADA), GuessLimits())

    assert not any("ada" in bound.subject for bound in bounds)
    assert any(hashlib.sha256(ADA.encode()).hexdigest()[:32] in bound.subject for bound in bounds)


async def test_what_fails_counts_and_what_succeeds_does_not() -> None:
    guesses = Guesses(MemoryRateWindows(WINDOW_SECONDS), GuessLimits(address=2))
    attempt = Attempt("code", "192.0.2.1")
    for _ in range(5):
        async with guesses.attempt(attempt):
            pass
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with guesses.attempt(attempt):
                _ = 1 // 0

    with pytest.raises(TooManyAttempts):
        async with guesses.attempt(attempt):
            pass
