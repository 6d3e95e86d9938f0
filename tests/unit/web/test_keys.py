"""API keys on the account page: listed, made with a secret shown once, revoked."""

import re
import shlex
import time
from html import unescape

import httpx2
import pytest
from babel import Locale
from fastapi import FastAPI
from pydantic import SecretStr

from contracts.accounts import KeyView, Scope
from runtime.settings import SharedSettings
from tests.support.gateway_standin import Standin
from tests.support.web_pages import SERVICE_SECRET, web_settings
from tests.support.web_people import PASSWORD, Person, browser, words_of
from web.account.examples import Call, curl_example
from web.main import build_app
from web.settings import Settings
from web.shown import ago

HTMX = {"hx-request": "true"}
SECRET = re.compile(r"sk-stoa-[\w-]{20,}")
CHATTY: dict[str, str | list[str]] = {"name": "Night job", "scopes": ["chat", "read"]}


def secret_in(response: httpx2.Response) -> str:
    found = SECRET.search(response.text)
    assert found is not None, words_of(response)
    return found[0]


def example_in(response: httpx2.Response) -> str:
    found = re.search(r'class="example".*?<code>(.*?)</code>', response.text, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def only_key(standin: Standin) -> KeyView:
    (key,) = standin.keys.values()
    return key


def test_an_account_without_keys_says_so(ada: Person) -> None:
    assert "No keys yet." in words_of(ada.get("/account"))


def test_making_a_key_asks_the_gateway_for_what_was_chosen(ada: Person, standin: Standin) -> None:
    response = ada.post("/account/keys", CHATTY)

    made = only_key(standin)
    assert response.status_code == 200
    assert (made.name, made.scopes) == ("Night job", [Scope.CHAT, Scope.READ])


def test_the_secret_is_on_the_page_that_answers_and_on_no_other(ada: Person) -> None:
    secret = secret_in(ada.post("/account/keys", CHATTY))

    later = [ada.get("/account"), ada.post("/account/keys", {**CHATTY, "name": "Other"})]
    assert all(secret not in page.text for page in later)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_no_cache_keeps_the_secret(ada: Person, headers: dict[str, str]) -> None:
    response = ada.post("/account/keys", CHATTY, headers=headers)

    assert secret_in(response)
    assert response.headers["cache-control"] == "no-store"


def test_the_address_of_the_answer_shows_the_account_when_asked_for_again(ada: Person) -> None:
    assert ada.get("/account/keys").headers["location"] == "/account#keys"


def test_a_key_made_on_the_way_brings_its_secret_the_list_and_a_fresh_form(ada: Person) -> None:
    response = ada.post("/account/keys", CHATTY, headers=HTMX)

    assert "<html" not in response.text
    assert secret_in(response)
    assert 'class="key-name">Night job<' in response.text
    assert 'value="Night job"' not in response.text


def test_a_key_is_listed_by_name_prefix_scopes_and_use(ada: Person, standin: Standin) -> None:
    ada.post("/account/keys", CHATTY)
    words = words_of(ada.get("/account"))
    only_key(standin).last_used_at = 0

    assert f"Night job {only_key(standin).prefix}… chat read made" in words
    assert "never used" in words
    assert "last used" in words_of(ada.get("/account"))


def test_a_key_may_have_a_budget_and_says_so(ada: Person, standin: Standin) -> None:
    ada.post("/account/keys", CHATTY | {"amount": "0.5", "period": "day"})
    (key,) = standin.keys.values()

    assert [(each.amount, each.period, each.hard) for each in key.budgets] == [("0.5", "day", True)]
    assert "may spend 0.5 USD a day" in words_of(ada.get("/account"))


def test_an_amount_that_is_none_is_said_at_its_field(ada: Person, standin: Standin) -> None:
    answer = ada.post("/account/keys", CHATTY | {"amount": "five"})

    assert standin.keys == {}
    assert 'value="five"' in answer.text
    assert 'id="key-amount-problem"' in answer.text


def test_what_was_made_just_now_lies_in_the_past() -> None:
    ahead_of_this_clock = int(time.time()) + 5

    assert ago(ahead_of_this_clock, Locale("en")) == "1 second ago"


def test_a_key_that_ends_says_when(ada: Person, standin: Standin) -> None:
    ada.post("/account/keys", CHATTY)
    only_key(standin).expires_at = 1_900_000_000

    assert "valid until 2030-03-17 17:46:40 (UTC)" in words_of(ada.get("/account"))


def test_the_example_is_a_call_that_a_shell_reads_as_meant(
    ada: Person, gateway_url: str, assistant_of_ada: str, standin: Standin
) -> None:
    ada.post(f"/studio/{assistant_of_ada}/publish")
    response = ada.post("/account/keys", CHATTY)

    command = shlex.split(example_in(response).replace("\\\n", ""))
    assert command[:2] == ["curl", f"{gateway_url}/v1/chat/completions"]
    assert f"Authorization: Bearer {secret_in(response)}" in command
    assert f'"model": "{standin.assistants[assistant_of_ada].slug}"' in command[-1]


def test_without_an_assistant_the_example_names_a_model(ada: Person) -> None:
    assert "qwen2.5-coder-0.5b-instruct" in example_in(ada.post("/account/keys", CHATTY))


def test_a_key_is_made_while_models_cannot_be_listed(ada: Person, standin: Standin) -> None:
    standin.are_models_listed = False

    response = ada.post("/account/keys", CHATTY)

    assert secret_in(response)
    assert '"model": "your-assistant"' in example_in(response)


def test_a_key_that_may_not_chat_comes_without_an_example(ada: Person) -> None:
    response = ada.post("/account/keys", {"name": "Feeder", "scopes": ["ingest"]})

    assert secret_in(response)
    assert 'class="example"' not in response.text


def test_the_example_names_the_address_that_programs_use(
    gateway_url: str, standin: Standin
) -> None:
    del standin  # must be in place first
    inside = web_settings(gateway_url)
    settings = inside.model_copy(update={"api_url": "https://api.example/"})
    with browser(build_app(settings)) as client:
        person = Person(client)
        person.sign_in("ada@example.org")
        response = person.post("/account/keys", CHATTY)

    assert "curl https://api.example/v1/chat/completions " in example_in(response)


def test_the_address_for_programs_is_the_gateways_unless_said_otherwise() -> None:
    shared = SharedSettings(service_secret=SecretStr(SERVICE_SECRET))
    settings = Settings(gateway_url="http://10.0.0.2:8080/", shared=shared)

    assert settings.public_api_url() == "http://10.0.0.2:8080"


def test_quotes_in_a_question_stay_inside_its_argument() -> None:
    command = curl_example(Call("http://a/v1", "k", "m", 'What\'s "that"; rm -rf $HOME?'))

    words = shlex.split(command.replace("\\\n", ""))
    assert words[-1].endswith('"What\'s \\"that\\"; rm -rf $HOME?"}]}')


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": " ", "scopes": ["chat"]}, "This is too short."),
        ({"name": "x" * 101, "scopes": ["chat"]}, "This is too long."),
        ({"name": "Job", "scopes": []}, "Choose at least one."),
        ({"name": "Job", "scopes": ["everything"]}, "This is not accepted."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_form_that_is_not_right_makes_nothing_and_says_why(
    ada: Person,
    standin: Standin,
    fields: dict[str, str | list[str]],
    problem: str,
    headers: dict[str, str],
) -> None:
    response = ada.post("/account/keys", fields, headers=headers)

    assert response.status_code == 422
    assert problem in words_of(response)
    assert standin.keys == {}


def test_what_was_typed_stays_in_a_form_that_is_not_right(ada: Person) -> None:
    response = ada.post("/account/keys", {"name": "Night job", "scopes": []})

    assert 'value="Night job"' in response.text
    assert not re.search(r'value="chat"\s+checked', response.text)


def test_revoking_leads_back_to_the_keys_that_are_left(ada: Person, standin: Standin) -> None:
    ada.post("/account/keys", CHATTY)

    response = ada.post(f"/account/keys/{only_key(standin).id}/revoke")

    assert response.headers["location"] == "/account#keys"
    assert standin.keys == {}


def test_revoking_on_the_way_renews_the_list_and_takes_away_the_secret(
    ada: Person, standin: Standin
) -> None:
    ada.post("/account/keys", CHATTY)
    key_id = only_key(standin).id

    response = ada.post(f"/account/keys/{key_id}/revoke", {"shown": key_id}, headers=HTMX)

    assert "No keys yet." in words_of(response)
    assert f'id="made-{key_id}" hx-swap-oob="delete"' in response.text


def test_revoking_one_key_leaves_the_secret_of_another(ada: Person, standin: Standin) -> None:
    ada.post("/account/keys", CHATTY)
    path = f"/account/keys/{only_key(standin).id}/revoke"

    response = ada.post(path, {"shown": "key_other"}, headers=HTMX)

    assert "hx-swap-oob" not in response.text


def test_a_key_that_is_gone_is_said_to_be_gone(ada: Person) -> None:
    response = ada.post("/account/keys/key_none/revoke")

    assert response.status_code == 404
    assert "This key does not exist, or was revoked before." in words_of(response)


def test_a_key_is_neither_made_nor_revoked_without_a_form_token(
    ada: Person, standin: Standin
) -> None:
    ada.post("/account/keys", CHATTY)
    paths = ["/account/keys", f"/account/keys/{only_key(standin).id}/revoke"]

    refused = [ada.client.post(path, data=CHATTY).status_code for path in paths]

    assert refused == [403, 403]
    assert len(standin.keys) == 1


def test_another_site_makes_no_key_even_with_a_token(ada: Person, standin: Standin) -> None:
    response = ada.post("/account/keys", CHATTY, headers={"sec-fetch-site": "cross-site"})

    assert response.status_code == 403
    assert standin.keys == {}


def test_a_stranger_makes_no_key(stranger: Person, standin: Standin) -> None:
    response = stranger.post("/account/keys", CHATTY)

    assert response.headers["location"] == "/login?next=/"
    assert standin.keys == {}


def test_many_keys_come_in_pages(ada: Person, standin: Standin) -> None:
    for number in range(51):
        id_ = f"key_{number:03}"
        standin.keys[id_] = KeyView(
            id=id_, name=f"Job {number:03}", prefix="sk-stoa-x", scopes=[Scope.CHAT], created_at=0
        )
    first = ada.get("/account")
    second = ada.get("/account?after=key_001")

    assert 'href="/account?after=key_001#keys"' in first.text
    assert ("Job 000" in first.text, "Job 000" in second.text) == (False, True)
    assert 'href="/account#keys"' in second.text


def test_the_name_of_a_key_is_text(ada: Person) -> None:
    hostile: dict[str, str | list[str]] = {"name": "<script>alert(1)</script>", "scopes": ["chat"]}

    pages = [ada.post("/account/keys", hostile).text, ada.get("/account").text]

    assert all("<script>alert" not in page and "&lt;script&gt;" in page for page in pages)


def test_the_example_asks_in_the_readers_language(web_app: FastAPI) -> None:
    with browser(web_app) as client:
        client.headers["accept-language"] = "zh-CN"
        person = Person(client)
        person.post("/login", {"email": "ada@example.org", "password": PASSWORD})
        response = person.post("/account/keys", CHATTY)

    assert "你了解哪些内容？" in example_in(response)
    assert "请现在复制密钥" in words_of(response)
