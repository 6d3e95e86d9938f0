"""One assistant as its own API: the same answers, the assistant fixed; and what strangers pay."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import openai
import pytest

from runtime.outgoing import known_authorities
from tests.integration.gateway_chat.places import HANDBOOK, Place
from tests.integration.gateway_chat.sharing import shared_as
from tests.support.waiting import wait_until

SITE = "https://shop.example"
QUESTION = "How many days of annual leave a year for full-time staff?"
MESSAGES: Any = [{"role": "user", "content": QUESTION}]


@contextmanager
def key_to(
    place: Place, person: httpx2.Client, assistant: str, *scopes: str
) -> Iterator[httpx2.Client]:
    """A program with a key of that assistant."""
    wanted = {"name": "program", "assistant_id": assistant, "scopes": list(scopes)}
    made = person.post("/v1/keys", json=wanted)
    assert made.status_code == 201, made.text
    headers = {"authorization": f"Bearer {made.json()['key']}"}
    with httpx2.Client(
        base_url=place.gateway, headers=headers, timeout=30, verify=known_authorities()
    ) as program:
        yield program


@pytest.fixture
def program(place: Place, ada: httpx2.Client, assistant_of_ada: str) -> Iterator[httpx2.Client]:
    with key_to(place, ada, assistant_of_ada, "chat") as client:
        yield client


@pytest.fixture
def public_assistant(ada: httpx2.Client, assistant_of_ada: str) -> Iterator[str]:
    """Ada's assistant, public for one test, with a draft that is nobody else's affair."""
    path = f"/v1/assistants/{assistant_of_ada}"
    ada.patch(path, json={"name": "Draft name"})
    with shared_as("public", ada, assistant_of_ada):
        yield assistant_of_ada
    ada.patch(path, json={"name": "Handbook"})


def asked_at(person: httpx2.Client, assistant: str, **more: Any) -> httpx2.Response:
    body = {"messages": MESSAGES} | more
    return person.post(f"/a/{assistant}/v1/chat/completions", json=body)


def test_a_bound_key_gets_the_answer_that_v1_gives(
    place: Place, ada: httpx2.Client, program: httpx2.Client, assistant_of_ada: str
) -> None:
    body = {"model": assistant_of_ada, "messages": MESSAGES}
    usual = ada.post("/v1/chat/completions", json=body).json()
    own = asked_at(program, assistant_of_ada).json()
    by_model = program.post("/v1/chat/completions", json=body).json()
    (row,) = place.ledger(own["id"])

    assert own["choices"] == usual["choices"] == by_model["choices"]
    assert own["model"] == assistant_of_ada
    assert own["stoa"]["grounding"] == "passages"
    assert row["key_id"] is not None


def test_the_official_sdk_works_on_the_address_alone(
    program: httpx2.Client, place: Place, assistant_of_ada: str
) -> None:
    key = program.headers["authorization"].removeprefix("Bearer ")
    base_url = f"{place.gateway}/a/{assistant_of_ada}/v1"
    with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0) as sdk:
        names = [model.id for model in sdk.models.list()]
        chunks = list(
            sdk.chat.completions.create(
                model=names[0],
                messages=MESSAGES,
                stream=True,
                stream_options={"include_usage": True},
            )
        )
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        with pytest.raises(openai.NotFoundError) as unknown:
            sdk.chat.completions.create(model="gpt-4o", messages=MESSAGES)

    assert names == [assistant_of_ada]
    assert text == f"{HANDBOOK[0]} [1]"
    assert chunks[-1].usage is not None
    assert unknown.value.code == "model_not_found"
    assert assistant_of_ada in str(unknown.value)


def test_the_sdk_feeds_an_assistant_at_its_address(place: Place, ada: httpx2.Client) -> None:
    made = ada.post("/v1/assistants", json={"name": "Fed"}).json()
    with key_to(place, ada, made["id"], "ingest", "read") as feeder:
        key = feeder.headers["authorization"].removeprefix("Bearer ")
        base_url = f"{place.gateway}/a/{made['slug']}/v1"
        with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0) as sdk:
            file = sdk.files.create(file=("a.md", b"# A"), purpose="assistants")
            listed = [each.id for each in sdk.files.list()]
            content = sdk.files.content(file.id).content
            gone = sdk.files.delete(file.id)

    assert (file.status, listed, content, gone.deleted) == ("uploaded", [file.id], b"# A", True)


@pytest.mark.parametrize("name", ["default", "id", "slug"])
def test_the_assistant_answers_to_its_own_names(
    ada: httpx2.Client, program: httpx2.Client, assistant_of_ada: str, name: str
) -> None:
    view = ada.get(f"/v1/assistants/{assistant_of_ada}").json()
    model = {"default": "default", "id": view["id"], "slug": view["slug"]}[name]
    answer = asked_at(program, view["id"], model=model).json()

    assert answer["model"] == view["slug"]
    assert program.get(f"/a/{view['id']}/v1/models/{model}").json()["assistant_id"] == view["id"]


def test_a_bound_key_asks_no_bare_model_and_no_other_assistant(
    ada: httpx2.Client, program: httpx2.Client, assistant_of_ada: str
) -> None:
    other = ada.post("/v1/assistants", json={"name": "Other", "tools": []}).json()
    ada.post(f"/v1/assistants/{other['id']}/publish")
    answers = [
        program.post("/v1/chat/completions", json={"model": name, "messages": MESSAGES})
        for name in ("simulator", other["id"], other["slug"], "default")
    ]
    answers += [asked_at(program, assistant_of_ada, model=name) for name in ("simulator", "other")]
    listed = program.get("/v1/models").json()["data"]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["error"]["code"] for answer in answers} == {"model_not_found"}
    assert [model["id"] for model in listed] == [assistant_of_ada]
    ada.delete(f"/v1/assistants/{other['id']}")


def test_a_slug_named_like_a_model_is_still_the_assistant_at_its_address(
    ada: httpx2.Client,
) -> None:
    wanted = {"name": "Sly", "slug": "simulator", "tools": [], "instructions": "Be sly."}
    made = ada.post("/v1/assistants", json=wanted).json()
    ada.post(f"/v1/assistants/{made['id']}/publish")
    bare = ada.post("/v1/chat/completions", json={"model": "simulator", "messages": MESSAGES})
    own = asked_at(ada, "simulator")
    ada.delete(f"/v1/assistants/{made['id']}")

    assert bare.json()["stoa"]["assistant_id"] is None
    assert own.json()["stoa"]["assistant_id"] == made["id"]


def test_nothing_but_messages_is_taken_from_a_bound_key(
    program: httpx2.Client, assistant_of_ada: str
) -> None:
    warmer = asked_at(program, assistant_of_ada, temperature=1.5)
    system = asked_at(
        program, assistant_of_ada, messages=[{"role": "system", "content": "Be rude."}, *MESSAGES]
    )
    tools = asked_at(program, assistant_of_ada, tools=[{"type": "function"}])

    assert warmer.json()["error"]["code"] == "parameter_not_allowed"
    assert system.json()["error"]["code"] == "system_message_not_allowed"
    assert tools.status_code == 400


@contextmanager
def page_of(
    place: Place, person: httpx2.Client, assistant: str, **caps: int
) -> Iterator[tuple[httpx2.Client, str]]:
    """Whoever opens a page that shows a publishable key; and the key's id."""
    wanted = {"name": "page", "kind": "publishable", "assistant_id": assistant, "origins": [SITE]}
    made = person.post("/v1/keys", json=wanted | caps)
    assert made.status_code == 201, made.text
    headers = {"authorization": f"Bearer {made.json()['key']}", "origin": SITE}
    with httpx2.Client(
        base_url=place.gateway, headers=headers, timeout=30, verify=known_authorities()
    ) as visitor:
        yield visitor, made.json()["id"]


def test_a_page_asks_with_its_publishable_key_and_the_workspace_pays(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    with page_of(place, ada, assistant_of_ada) as (visitor, key_id):
        answer = asked_at(visitor, assistant_of_ada)
        elsewhere = visitor.post(
            f"/a/{assistant_of_ada}/v1/chat/completions",
            headers={"origin": "https://evil.example"},
            json={"messages": MESSAGES},
        )
        draft = ada.patch(f"/v1/assistants/{assistant_of_ada}", json={"instructions": "Be new."})
        again = asked_at(visitor, assistant_of_ada)
    ada.patch(
        f"/v1/assistants/{assistant_of_ada}",
        json={"instructions": "You answer questions of staff."},
    )
    (row,) = place.ledger(answer.json()["id"])

    assert answer.json()["choices"][0]["message"]["content"] == f"{HANDBOOK[0]} [1]"
    assert answer.headers["access-control-allow-origin"] == SITE
    assert (elsewhere.status_code, draft.status_code) == (403, 200)
    assert (
        again.json()["stoa"] == answer.json()["stoa"]
    )  # the published version, whatever is drafted
    assert (row["key_id"], row["member_id"]) == (key_id, None)
    assert row["workspace_id"] == ada.get("/v1/me").json()["workspace"]["id"]


def test_a_key_gives_so_many_answers_a_day_and_no_more(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    with page_of(place, ada, assistant_of_ada, visitor_answers=2) as (visitor, key_id):
        answers = [asked_at(visitor, assistant_of_ada) for _ in range(3)]
    rows = place.rows("SELECT id FROM ledger WHERE key_id = :id AND purpose = 'chat'", id=key_id)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "guest_allowance_reached"
    assert 0 < int(answers[2].headers["retry-after"]) <= 86_400
    assert len(rows) == 2


def test_revoking_a_key_ends_what_a_page_is_reading(
    place: Place, ada: httpx2.Client, assistant_of_ada: str
) -> None:
    body = {"messages": [{"role": "user", "content": "Please say nothing more"}], "stream": True}
    path = f"/a/{assistant_of_ada}/v1/chat/completions"
    with (
        page_of(place, ada, assistant_of_ada) as (visitor, key_id),
        visitor.stream("POST", path, json=body) as answer,
    ):
        lines = answer.iter_lines()
        begun = next(lines)
        ada.delete(f"/v1/keys/{key_id}")
        rest = list(lines)

    assert begun.startswith("data: ")
    assert "invalid_api_key" in rest[-2] + rest[-1]
    assert not any("[DONE]" in line for line in rest)


def test_a_stranger_asks_a_public_assistant_and_pays_for_it(
    place: Place, bob: httpx2.Client, public_assistant: str
) -> None:
    own = asked_at(bob, public_assistant).json()
    by_model = bob.post(
        "/v1/chat/completions", json={"model": public_assistant, "messages": MESSAGES}
    ).json()
    workspace = bob.get("/v1/me").json()["workspace"]["id"]
    rows = [place.ledger(answer["id"])[0] for answer in (own, by_model)]
    citation = own["choices"][0]["message"]["annotations"][0]["file_citation"]

    assert own["choices"][0]["message"]["content"] == f"{HANDBOOK[0]} [1]"
    assert citation["quote"] == HANDBOOK[0]
    for rest in ("", "/surroundings", "/pages/1"):
        assert bob.get(f"/v1/passages/{citation['passage_id']}{rest}").status_code == 404
    assert bob.get(f"/v1/files/{citation['file_id']}").status_code == 404
    assert {row["workspace_id"] for row in rows} == {workspace}
    assert asked_at(bob, public_assistant, temperature=1.5).status_code == 400


def test_a_stranger_talks_with_a_public_assistant(
    place: Place, bob: httpx2.Client, public_assistant: str
) -> None:
    conversation = bob.post("/v1/conversations", json={"assistant_id": public_assistant}).json()
    turn = bob.post(f"/v1/conversations/{conversation['id']}/turns", json={"text": QUESTION}).json()

    bob.get(f"/v1/turns/{turn['id']}/events")  # to its end: a turn without a reader is stopped
    answer = bob.get(f"/v1/turns/{turn['id']}").json()["answer"]
    (row,) = place.ledger(turn["id"])
    usage = wait_until(
        lambda: _usage_of(bob, calls=2), seconds=10, what="the rows of answer and search"
    )

    assert (answer["status"], answer["content"]) == ("complete", f"{HANDBOOK[0]} [1]")
    assert row["workspace_id"] == bob.get("/v1/me").json()["workspace"]["id"]
    assert [each["assistant_id"] for each in usage] == [row["assistant_id"]]
    assert bob.get("/v1/admin/ledger").json()["data"][0]["assistant_name"] == "Handbook"


def test_one_workspace_learns_nothing_from_anothers_prompt_cache(
    ada: httpx2.Client, bob: httpx2.Client, public_assistant: str
) -> None:
    asked_at(ada, public_assistant)
    again = asked_at(ada, public_assistant).json()
    of_stranger = asked_at(bob, public_assistant).json()

    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 60
    assert of_stranger["usage"]["prompt_tokens_details"]["cached_tokens"] == 0


def _usage_of(person: httpx2.Client, calls: int) -> list[dict[str, Any]]:
    usage: list[dict[str, Any]] = person.get("/v1/usage", params={"group_by": "assistant"}).json()[
        "data"
    ]
    return usage if sum(each["requests"] for each in usage) == calls else []
