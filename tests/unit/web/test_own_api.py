"""An assistant's page for programs: ready-made calls, and keys that open nothing else."""

import ast
import re
import shlex
import time
from html import unescape

import httpx2
import pytest

from contracts.accounts import KeyView, Scope
from contracts.assistants import Visibility
from contracts.chat import ModelView
from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of
from web.account.examples import Call, samples

HTMX = {"hx-request": "true"}
SECRET = re.compile(r"sk-stoa-[\w-]{20,}")
CHATTY: dict[str, str | list[str]] = {"name": "Night job", "scopes": ["chat"]}
ELSEWHERE = ModelView(
    id="town-guide",
    created=0,
    owned_by="wsp_sparta",
    name="Town guide",
    assistant_id="ast_town",
    description="Streets and squares",
    starters=["Where is the market?"],
)


@pytest.fixture
def published(ada: Person, assistant_of_ada: str) -> str:
    """The page of a published assistant."""
    ada.post(f"/studio/{assistant_of_ada}/publish")
    return f"/studio/{assistant_of_ada}"


def call_in(response: httpx2.Response, language: str) -> str:
    found = re.search(rf'id="sample-{language}".*?<code>(.*?)</code>', response.text, re.DOTALL)
    assert found is not None, words_of(response)
    return unescape(found[1])


def only_key(standin: Standin) -> KeyView:
    (key,) = standin.keys.values()
    return key


def test_a_draft_says_that_programs_come_with_publishing(
    ada: Person, assistant_of_ada: str
) -> None:
    page = ada.get(f"/studio/{assistant_of_ada}")

    assert "Once it is published, your programs can ask it" in words_of(page)
    assert "sample-curl" not in page.text


def test_publishing_on_the_way_brings_the_calls(ada: Person, assistant_of_ada: str) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/publish", headers=HTMX)

    assert '<div id="api-body" hx-swap-oob="true">' in response.text
    assert "from openai import OpenAI" in call_in(response, "python")


def test_the_calls_name_the_assistants_own_address(
    ada: Person, published: str, gateway_url: str, standin: Standin
) -> None:
    (assistant,) = standin.assistants.values()
    page = ada.get(published)
    base_url = f"{gateway_url}/a/{assistant.slug}/v1"
    command = shlex.split(call_in(page, "curl").replace("\\\n", ""))

    assert command[:2] == ["curl", f"{base_url}/chat/completions"]
    assert f'base_url="{base_url}"' in call_in(page, "python")
    assert f'baseURL: "{base_url}"' in call_in(page, "javascript")
    assert all("What was a stoa?" in call_in(page, each) for each in ("curl", "javascript"))
    assert f"{gateway_url}/a/{assistant.slug}/openapi.json" in words_of(page)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_key_is_bound_to_the_assistant_and_stands_in_every_call_once(
    ada: Person, published: str, standin: Standin, headers: dict[str, str]
) -> None:
    response = ada.post(f"{published}/keys", CHATTY, headers=headers)
    found = SECRET.search(response.text)
    assert found is not None
    secret, key = found[0], only_key(standin)

    assert published.endswith(str(key.assistant_id))
    assert (key.scopes, key.expires_at) == ([Scope.CHAT], None)
    assert all(secret in call_in(response, each) for each in ("curl", "python", "javascript"))
    assert secret not in ada.get(published).text
    assert response.headers["cache-control"] == "no-store"


def test_the_address_of_the_answer_shows_the_page_when_asked_for_again(
    ada: Person, published: str
) -> None:
    assert ada.get(f"{published}/keys").headers["location"] == f"{published}#keys"


def test_the_page_lists_this_assistants_keys_only(
    ada: Person, published: str, standin: Standin
) -> None:
    ada.post("/account/keys", {"name": "Whole", "scopes": ["chat"]})
    ada.post(f"{published}/keys", CHATTY)
    bound = next(key for key in standin.keys.values() if key.assistant_id)
    words = words_of(ada.get(published))

    assert f"Night job {bound.prefix}… chat made" in words
    assert "Whole" not in words
    assert "never used" in words


def test_keys_of_others_are_marked(ada: Person, bob: Person, published: str) -> None:
    bob.post(f"{published}/keys", CHATTY)

    assert "made by somebody else" in words_of(ada.get(published))
    assert "made by somebody else" not in words_of(bob.get(published))


def test_a_form_cannot_bind_the_key_to_another_assistant(
    ada: Person, published: str, standin: Standin
) -> None:
    ada.post(f"{published}/keys", {**CHATTY, "assistant_id": "ast_other"})

    assert published.endswith(str(only_key(standin).assistant_id))


def test_revoking_takes_the_secret_out_of_the_calls(
    ada: Person, published: str, standin: Standin
) -> None:
    ada.post(f"{published}/keys", CHATTY)
    key_id = only_key(standin).id
    response = ada.post(f"{published}/keys/{key_id}/revoke", {"shown": key_id}, headers=HTMX)

    assert standin.keys == {}
    assert "No keys yet." in words_of(response)
    assert f'id="made-{key_id}" hx-swap-oob="delete"' in response.text
    assert "sk-stoa-your-key" in call_in(response, "curl")


def test_revoking_another_key_leaves_the_calls_alone(
    ada: Person, published: str, standin: Standin
) -> None:
    ada.post(f"{published}/keys", CHATTY)
    path = f"{published}/keys/{only_key(standin).id}/revoke"
    response = ada.post(path, {"shown": "key_other"}, headers=HTMX)

    assert "hx-swap-oob" not in response.text


def test_revoking_leads_back_without_scripts(ada: Person, published: str, standin: Standin) -> None:
    ada.post(f"{published}/keys", CHATTY)
    response = ada.post(f"{published}/keys/{only_key(standin).id}/revoke")

    assert response.headers["location"] == f"{published}#keys"


@pytest.mark.parametrize("where", ["account", "studio"])
def test_a_key_ends_and_is_for_the_sites_that_were_chosen(
    ada: Person, published: str, standin: Standin, where: str
) -> None:
    path = "/account/keys" if where == "account" else f"{published}/keys"
    sites = "https://a.example, https://b.example\r\nhttps://c.example"
    ada.post(path, {**CHATTY, "days": "30", "origins": sites})
    key = only_key(standin)

    assert abs((key.expires_at or 0) - time.time() - 30 * 86_400) < 60
    assert key.origins == ["https://a.example", "https://b.example", "https://c.example"]
    assert "for pages of https://a.example, https://b.example" in words_of(
        ada.get("/account" if where == "account" else published)
    )


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": " ", "scopes": ["chat"]}, "This is too short."),
        ({"name": "Job", "scopes": []}, "Choose at least one."),
        ({**CHATTY, "days": "9999"}, "This is not accepted."),
        ({**CHATTY, "origins": "no site"}, "Write sites as https://example.org, one a line."),
    ],
)
def test_a_form_that_is_not_right_makes_nothing_and_keeps_what_was_typed(
    ada: Person,
    published: str,
    standin: Standin,
    fields: dict[str, str | list[str]],
    problem: str,
    headers: dict[str, str],
) -> None:
    response = ada.post(f"{published}/keys", fields, headers=headers)

    assert response.status_code == 422
    assert problem in words_of(response)
    assert str(fields["name"]).strip() in response.text
    assert standin.keys == {}


def test_the_account_page_binds_keys_to_an_assistant(
    ada: Person, published: str, standin: Standin, gateway_url: str
) -> None:
    assistant_id = published.rpartition("/")[2]
    form = ada.get("/account")
    response = ada.post("/account/keys", {**CHATTY, "assistant_id": assistant_id})
    too_much: dict[str, str | list[str]] = {
        "name": "Job",
        "scopes": ["chat", "manage"],
        "assistant_id": assistant_id,
    }
    refused = ada.post("/account/keys", too_much)

    assert "Only Guide" in words_of(form)
    assert only_key(standin).assistant_id == assistant_id
    assert f"{gateway_url}/a/{assistant_id}/v1/chat/completions" in unescape(response.text)
    assert "A key of one assistant cannot manage." in words_of(refused)
    assert "Guide" in words_of(ada.get("/account"))


def test_who_may_ask_is_chosen_in_the_studio(
    ada: Person, assistant_of_ada: str, standin: Standin
) -> None:
    path = f"/studio/{assistant_of_ada}"
    before = ada.get(path)
    response = ada.post(f"{path}/sharing", {"visibility": "public"})
    on_the_way = ada.post(f"{path}/sharing", {"visibility": "private"}, headers=HTMX)

    assert re.search(r'value="workspace"\s+checked', before.text)
    assert response.headers["location"] == f"{path}#visibility"
    assert re.search(r'value="private"\s+checked', on_the_way.text)
    assert "Saved" in words_of(on_the_way)
    assert standin.assistants[assistant_of_ada].visibility is Visibility.PRIVATE


def test_what_is_no_choice_changes_nothing(
    ada: Person, assistant_of_ada: str, standin: Standin
) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/sharing", {"visibility": "everything"})

    assert response.status_code == 400
    assert standin.assistants[assistant_of_ada].visibility is Visibility.WORKSPACE


def test_public_assistants_of_others_stand_on_the_home_page(
    ada: Person, published: str, standin: Standin
) -> None:
    alone = words_of(ada.get("/"))
    standin.elsewhere.append(ELSEWHERE)
    page = ada.get("/")

    assert published
    assert "Public assistants" not in alone
    assert "Town guide Streets and squares Where is the market?" in words_of(page)
    assert page.text.count('class="card listing-card"') == 2


def test_a_public_assistant_of_others_is_talked_to_without_its_documents(
    ada: Person, standin: Standin
) -> None:
    standin.elsewhere.append(ELSEWHERE)
    door = ada.get("/chat/new?assistant=ast_town")
    begun = ada.post("/chat/conversations", {"assistant_id": "ast_town", "text": "Where?"})
    (turn_id,) = standin.turns
    streamed = ada.get(f"/chat/turns/{turn_id}/events")
    page = ada.get(begun.headers["location"])

    assert "Town guide" in words_of(door)
    assert "Where is the market?" in words_of(door)
    assert "Merchants sold their goods there" in page.text
    assert "/chat/passages/" not in page.text
    assert "/chat/passages/" not in streamed.text


def test_an_assistant_that_is_not_public_is_said_not_to_exist(ada: Person) -> None:
    response = ada.get("/chat/new?assistant=ast_none")

    assert response.status_code == 404
    assert "This assistant does not exist" in words_of(response)


def test_values_in_a_call_stay_inside_their_quotes() -> None:
    hostile = 'It\'s "here\\"\n${HOME} 柱廊'
    by_id = {each.id: each.text for each in samples(Call("http://a/v1", "k", "m", hostile))}
    strings = [
        node.value
        for node in ast.walk(ast.parse(by_id["python"]))
        if isinstance(node, ast.Constant)
    ]

    assert hostile in strings
    assert hostile not in by_id["javascript"]  # its line break is written as \n
    assert len(shlex.split(by_id["curl"].replace("\\\n", ""))) == 8
