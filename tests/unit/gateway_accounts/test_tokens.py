"""Each token opens its own door: none is taken in another's place, however it is made up."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from contracts.principal import Principal
from gateway.claim_link import claim_link
from runtime.service_auth import LIFETIME_SECONDS, NotAService, ServiceTokens
from runtime.visitor_tokens import AUDIENCE, HEADER, PURPOSE, Visitor, VisitorTokens
from tests.support.accounts import call, sign_in
from tests.support.gateway import PASSWORD, SERVICE_SECRET, Person, RunningGateway
from tests.support.mail import PostBox
from tests.unit.gateway_accounts.conftest import Opens

ADA = "ada@example.org"
NEW = "a walk under olive trees"
VISITOR = Visitor("192.0.2.1", "Firefox", "en")
Claims = dict[str, Any]


@pytest.fixture
def place(opens: Opens, post: PostBox) -> RunningGateway:
    return opens(sign_up="open", mail=post.settings())


@pytest.fixture
def tokens(place: RunningGateway, post: PostBox) -> dict[str, str]:
    """One live token of each kind."""
    link = asyncio.run(claim_link(place.settings))
    assert link is not None
    claim = link.partition("token=")[2]
    place.enrol("Olivia", is_operator=True)
    ada = place.enrol("Ada")
    _, invite = ada.post("/v1/admin/invites", {"email": "bob@example.org", "role": "guest"})
    call(place.http, "/v1/password-resets", {"email": ADA})
    carol = {"email": "carol@example.org", "name": "Carol", "password": NEW}
    call(place.http, "/v1/accounts", carol)
    ada.post("/v1/me/email", {"email": "new@example.org", "password": PASSWORD})
    service = ServiceTokens(SERVICE_SECRET.encode(), "ingest")
    visitors = VisitorTokens(place.settings.shared.purpose_key(PURPOSE))
    return {
        "session": ada.token,
        "key": place.with_key(ada, "read", "manage").token,
        "claim": claim,
        "invite": invite["token"],
        "reset": post.token(ADA),
        "confirm": post.token("carol@example.org"),
        "address": post.token("new@example.org"),
        "service": service.sign("gateway", Principal()),
        "visitor": visitors.sign(VISITOR),
    }


def doors(place: RunningGateway) -> dict[str, Callable[[str], int]]:
    """What takes a token, by the kind that opens it."""
    post = partial(call, place.http)
    carol = {"email": "bob@example.org", "name": "Bob", "password": NEW}
    return {
        "session": lambda token: Person(place.http, token).get("/v1/sessions")[0],
        "key": lambda token: Person(place.http, token).get("/v1/assistants")[0],
        "claim": lambda token: post("/v1/accounts/claim", carol | {"token": token})[0],
        "invite": lambda token: post("/v1/invites/look", {"token": token})[0],
        "reset": lambda token: post(
            "/v1/password-resets/use", {"token": token, "password": "qwertyuiop"}
        )[0],
        "service": lambda token: (
            place.http.post(
                "/internal/jobs/sweep", headers={"authorization": f"Bearer {token}"}
            ).status_code
        ),
    }


def test_no_token_opens_another_ones_door(place: RunningGateway, tokens: dict[str, str]) -> None:
    taken = {
        (kind, door)
        for door, knock in doors(place).items()
        for kind, token in tokens.items()
        if kind != door and knock(token) < 400
    }

    # A session may do what a key with all scopes may; nothing else crosses over.
    assert taken == {("session", "key")}


def test_a_links_token_confirms_only_what_it_was_made_for(
    place: RunningGateway, tokens: dict[str, str]
) -> None:
    wrong = ("session", "key", "claim", "invite", "reset", "service", "visitor")
    swapped = [
        tokens["reset"].replace("rst-", "cnf-"),
        tokens["confirm"].replace("cnf-", "adr-"),
        tokens["address"].replace("adr-", "rst-"),
    ]
    refused = [
        call(place.http, "/v1/accounts/confirm", {"token": token})[1]["code"]
        for token in [*(tokens[kind] for kind in wrong), *swapped]
    ]
    used = [call(place.http, "/v1/accounts/confirm", {"token": tokens["confirm"]})[0]]
    used.append(call(place.http, "/v1/accounts/confirm", {"token": tokens["address"]})[0])

    # A service's token may be longer than any link's.
    assert set(refused) <= {"link_refused", "invalid_request"}
    assert used == [200, 200]


def test_every_kind_is_told_by_its_prefix_and_has_256_bits(tokens: dict[str, str]) -> None:
    of_ours = {kind: token for kind, token in tokens.items() if "-stoa-" in token}

    assert len({token.partition("-stoa-")[0] for token in of_ours.values()}) == len(of_ours) == 7
    assert all(len(token.partition("-stoa-")[2]) >= 43 for token in of_ours.values())


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def made_up(header: Claims, claims: Claims, key: bytes, digest: str = "sha256") -> str:
    """A token as an attacker writes it."""
    signed = f"{part(header)}.{part(claims)}"
    mac = hmac.digest(key, signed.encode(), digest) if key else b""
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


SERVICE = {
    "iss": "ingest",
    "aud": "gateway",
    "iat": int(time.time()),
    "exp": int(time.time()) + 3600,
    "principal": {},
}
BYTES = SERVICE_SECRET.encode()
HS256 = {"alg": "HS256"}
FORGED: dict[str, str] = {
    "no algorithm": made_up({"alg": "none"}, SERVICE, b""),
    "no algorithm, shouted": made_up({"alg": "NONE"}, SERVICE, b""),
    "another algorithm": made_up({"alg": "HS512"}, SERVICE, BYTES, "sha512"),
    "an asymmetric one": made_up({"alg": "RS256"}, SERVICE, BYTES),
    "an empty key": made_up(HS256, SERVICE, b""),
    "another key": made_up(HS256, SERVICE, b"another secret that is long enough"),
    "the key's own hint": made_up(HS256 | {"kid": "/dev/null"}, SERVICE, b"\0"),
    "a key in the header": made_up(HS256 | {"jwk": {"kty": "oct", "k": "AA"}}, SERVICE, b"\0"),
    "another audience": made_up(HS256, SERVICE | {"aud": "retrieval"}, BYTES),
    "no audience": made_up(HS256, {k: v for k, v in SERVICE.items() if k != "aud"}, BYTES),
    "no end": made_up(HS256, {k: v for k, v in SERVICE.items() if k != "exp"}, BYTES),
    "an end long past": made_up(HS256, SERVICE | {"exp": 1}, BYTES),
    "more than a principal": made_up(HS256, SERVICE | {"principal": {"admin": True}}, BYTES),
    "a visitor's": VisitorTokens(BYTES).sign(VISITOR),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_service_takes_no_token_that_was_made_up(how: str) -> None:
    gateway = ServiceTokens(BYTES, "gateway")
    good = made_up(HS256, SERVICE, BYTES)

    assert gateway.verify(good) is not None
    with pytest.raises(NotAService):
        gateway.verify(FORGED[how])


def test_a_service_token_lives_for_a_minute() -> None:
    assert LIFETIME_SECONDS <= 60


def test_a_short_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="32"):
        ServiceTokens(b"short", "gateway")


VISIT = {"aud": AUDIENCE, "exp": int(time.time()) + 3600, "adr": "192.0.2.9", "agt": "", "lng": ""}
KEY = b"k" * 32


@pytest.mark.parametrize(
    "token",
    [
        "192.0.2.9",
        "",
        "..",
        made_up({"alg": "none"}, VISIT, b""),
        made_up({"alg": "HS512"}, VISIT, KEY, "sha512"),
        made_up(HS256, VISIT, b"another key, as long as it has to be"),
        made_up(HS256, VISIT | {"aud": "gateway"}, KEY),
        made_up(HS256, VISIT | {"exp": 1}, KEY),
        made_up(HS256, {"aud": AUDIENCE, "exp": VISIT["exp"]}, KEY),
    ],
)
def test_a_visitor_that_was_made_up_is_nobody(token: str) -> None:
    visitors = VisitorTokens(KEY)

    assert visitors.read(visitors.sign(VISITOR)) == VISITOR
    assert visitors.read(made_up(HS256, VISIT, KEY)) is not None
    assert visitors.read(token) is None


def test_web_alone_names_a_visitor(place: RunningGateway, tokens: dict[str, str]) -> None:
    place.http.post(
        "/v1/sessions",
        json={"email": ADA, "password": PASSWORD},
        headers={HEADER: tokens["visitor"]},
    )
    forged = VisitorTokens(KEY).sign(Visitor("192.0.2.2", "Forged", "en"))
    place.http.post(
        "/v1/sessions", json={"email": ADA, "password": PASSWORD}, headers={HEADER: forged}
    )
    _, seen = Person(place.http, sign_in(place.http, ADA, PASSWORD)[1]["token"]).get("/v1/sessions")

    devices = [one["device"] for one in seen["data"]]
    assert "Firefox" in devices
    assert "Forged" not in devices
