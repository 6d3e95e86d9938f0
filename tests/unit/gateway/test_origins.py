"""Keys for pages of other web sites: the sites a key names may use it, and no others."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from gateway.accounts.errors import NotAnOrigin
from gateway.accounts.rules import plain_origins
from gateway.migrate import migrate
from tests.support.gateway import Databases, Person, RunningGateway, running_gateway

SITE, ELSEWHERE = "https://shop.example", "https://evil.example"
ALLOWED = "access-control-allow-origin"


@pytest.fixture(scope="module")
def gateway(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningGateway]:
    """One gateway for all tests of this module: each makes an assistant of its own."""
    url = databases.empty()
    asyncio.run(migrate(url))
    with running_gateway(url, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture
def key(gateway: RunningGateway, ada: Person, assistant_of_ada: str) -> Person:
    """A key of Ada's published assistant, for one web site."""
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    return gateway.with_key(ada, "chat", assistant_id=assistant_of_ada, origins=[SITE])


def asked(gateway: RunningGateway, key: Person, path: str, origin: str | None) -> httpx2.Response:
    headers = key.headers() | ({} if origin is None else {"origin": origin})
    return gateway.http.get(path, headers=headers)


def preflight(gateway: RunningGateway, path: str, origin: str | None) -> httpx2.Response:
    headers = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
    }
    named = {} if origin is None else {"origin": origin}
    return gateway.http.options(path, headers=headers | named)


def test_a_page_of_the_named_site_may_use_the_key_and_read_the_answer(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    for path in (f"/a/{assistant_of_ada}/v1/models", "/v1/models"):
        answer = asked(gateway, key, path, SITE)

        assert answer.status_code == 200
        assert answer.headers[ALLOWED] == SITE
        assert answer.headers["vary"] == "Origin"
        assert "x-request-id" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


def test_a_page_elsewhere_may_not(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    for origin in (ELSEWHERE, "null", "http://shop.example", f"{SITE}:444", f"{SITE}.evil.example"):
        answer = asked(gateway, key, f"/a/{assistant_of_ada}/v1/models", origin)

        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "origin_not_allowed"
        assert ALLOWED not in answer.headers


def test_a_program_sends_no_origin_and_passes(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    answer = asked(gateway, key, f"/a/{assistant_of_ada}/v1/models", None)

    assert answer.status_code == 200
    assert ALLOWED not in answer.headers


def test_a_refusal_can_be_read_on_the_named_site_too(
    gateway: RunningGateway, key: Person, assistant_of_ada: str
) -> None:
    answer = asked(gateway, key, f"/a/{assistant_of_ada}/v1/files", SITE)

    assert answer.json()["error"]["code"] == "scope_missing"
    assert answer.headers[ALLOWED] == SITE


def test_a_key_without_sites_opens_no_answer_to_any_page(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    ada.post(f"/v1/assistants/{assistant_of_ada}/publish")
    plain = gateway.with_key(ada, "chat", assistant_id=assistant_of_ada)
    answer = asked(gateway, plain, "/v1/models", ELSEWHERE)

    assert answer.status_code == 200
    assert ALLOWED not in answer.headers


@pytest.mark.usefixtures("key")
def test_a_preflight_passes_for_a_site_that_a_live_key_names(
    gateway: RunningGateway, assistant_of_ada: str
) -> None:
    answer = preflight(gateway, f"/a/{assistant_of_ada}/v1/chat/completions", SITE)

    assert answer.status_code == 204
    assert answer.headers[ALLOWED] == SITE
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "x-stainless-lang" in answer.headers["access-control-allow-headers"]
    assert preflight(gateway, "/v1/chat/completions", SITE).status_code == 204


@pytest.mark.usefixtures("key")
def test_any_other_preflight_is_refused_in_the_same_words(
    gateway: RunningGateway, ada: Person, assistant_of_ada: str
) -> None:
    _, other = ada.post("/v1/assistants", {"name": "Other"})
    own = f"/a/{assistant_of_ada}/v1/chat/completions"
    answers = [
        preflight(gateway, own, ELSEWHERE),
        preflight(gateway, own, None),
        preflight(gateway, f"/a/{other['slug']}/v1/chat/completions", SITE),
        preflight(gateway, "/a/nobody/v1/chat/completions", SITE),
        preflight(gateway, "/v1/chat/completions", ELSEWHERE),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["error"]["code"] for answer in answers} == {"origin_not_allowed"}
    assert all(ALLOWED not in answer.headers for answer in answers)
    assert preflight(gateway, "/v1/assistants", SITE).status_code == 405


def test_a_preflight_fails_once_the_key_is_revoked_or_over(
    gateway: RunningGateway, ada: Person, key: Person, assistant_of_ada: str
) -> None:
    path = f"/a/{assistant_of_ada}/v1/chat/completions"
    before = preflight(gateway, path, SITE).status_code
    ada.delete(f"/v1/keys/{ada.get('/v1/keys')[1]['data'][0]['id']}")

    assert key.get("/v1/models")[0] == 401
    assert (before, preflight(gateway, path, SITE).status_code) == (204, 403)


def test_sites_are_kept_as_browsers_name_them(ada: Person) -> None:
    given = ["HTTPS://Cafe.Example/", "https://cafe.example:443", "http://localhost:5173"]
    _, made = ada.post("/v1/keys", {"name": "k", "origins": given})
    status, problem = ada.post("/v1/keys", {"name": "k", "origins": ["*"]})

    assert (status, problem["code"]) == (400, "invalid_origin")
    assert made["origins"] == ["https://cafe.example", "http://localhost:5173"]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example",
        "http://shop.example",
        "shop.example",
        "https://shop.example/path",
        "https://user@shop.example",
        "https://shop.example:port",
        "javascript:alert(1)",
        "null",
        "https://",
        "https://bücher.example",
    ],
)
def test_what_is_no_site_is_refused(origin: str) -> None:
    with pytest.raises(NotAnOrigin) as refused:
        plain_origins(["https://fine.example", origin])

    assert refused.value.param == "origins"


def test_a_key_for_some_sites_makes_no_key_for_others(gateway: RunningGateway, ada: Person) -> None:
    holder = gateway.with_key(ada, "manage", origins=[SITE])
    wider = holder.post("/v1/keys", {"name": "k", "scopes": ["manage"], "origins": [ELSEWHERE]})
    everywhere = holder.post("/v1/keys", {"name": "k", "scopes": ["manage"]})
    same = holder.post("/v1/keys", {"name": "k", "scopes": ["manage"], "origins": [SITE]})

    assert (wider[0], everywhere[0], same[0]) == (403, 403, 201)
