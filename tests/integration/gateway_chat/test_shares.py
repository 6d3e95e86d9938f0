"""A conversation shown to others: a snapshot behind a link, under the rights of the moment."""

import secrets
from typing import Any

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place, Shelf, put_on
from tests.integration.gateway_chat.sharing import shared_as
from tests.integration.gateway_chat.talking import answered, ask, begun, read_out, said

LEAVE = "How many days of annual leave a year, zephyr?"
PAPER = "The paper for the northern printer lies in cupboard twelve."
SHOWN = {"object", "assistant_name", "assistant_id", "shared_by", "shared_at", "messages"}
SHOWN_OF_MESSAGES = {"position", "role", "content", "status", "citations", "unsupported"}
SHOWN_OF_CITATIONS = {"index", "start_index", "end_index", "filename", "page", "quote"}
MISSING = (404, "share_not_found")


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    conversation_id = begun(ada, assistant_of_ada)
    answered(ada, conversation_id, LEAVE)
    return conversation_id


@pytest.fixture
def link(ada: httpx2.Client, conversation: str) -> dict[str, Any]:
    return made(ada, conversation)


def made(person: httpx2.Client, conversation: str, **headers: str) -> dict[str, Any]:
    answer = person.post(f"/v1/conversations/{conversation}/shares", headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def opened(person: httpx2.Client, link: dict[str, Any], **part: int) -> dict[str, Any]:
    answer = person.get(f"/v1/shared/{link['token']}", params=part)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def links(person: httpx2.Client, conversation: str) -> list[str]:
    found = person.get(f"/v1/conversations/{conversation}/shares").json()["data"]
    return [each["id"] for each in found]


def quotes(shared: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    cited = [each for message in shared["messages"]["data"] for each in message["citations"]]
    return [(each["filename"], each["quote"]) for each in cited]


def test_another_member_reads_what_was_said_and_quoted_and_no_id(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    question, answer = said(ada, conversation)
    shared = opened(bob, link)
    told = shared["messages"]["data"]
    (cited,) = answer["annotations"]
    file_citation = cited["file_citation"]
    held = bob.get(f"/v1/shared/{link['token']}").text

    assert [(each["role"], each["content"]) for each in told] == [
        ("user", question["content"]),
        ("assistant", answer["content"]),
    ]
    assert told[1]["citations"] == [
        {
            **{name: cited[name] for name in ("index", "start_index", "end_index")},
            **{name: file_citation[name] for name in ("filename", "page", "quote")},
        }
    ]
    assert (shared["assistant_name"], shared["assistant_id"]) == ("Handbook", None)
    assert shared["shared_by"] == ada.get("/v1/me").json()["name"]
    assert not any(f'"{prefix}' in held for prefix in ("conv_", "msg_", "turn_", "psg_", "file-"))
    assert "You answer questions of staff" not in held


def test_the_token_is_shown_once_and_only_its_hash_is_kept(
    place: Place, ada: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    listed = ada.get(f"/v1/conversations/{conversation}/shares")
    (row,) = place.rows("SELECT shares::text AS row FROM shares WHERE id = :id", id=link["id"])

    assert link["link"].endswith(f"/shared/{link['token']}")
    assert len(link["token"]) > 43  # 256 bits, and the prefix that hides it from logs
    assert listed.json()["data"] == [
        {name: link[name] for name in link if name not in ("token", "link")}
    ]
    assert link["token"] not in listed.text + row["row"]


def test_what_is_said_later_and_other_branches_are_not_in_it(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    before = opened(bob, link)
    first = said(ada, conversation)[0]
    answered(ada, conversation, "When are receipts repaid, zephyr?")
    answered(ada, conversation, "A lost laptop, zephyr?", edits=first["id"])
    later = made(ada, conversation)

    assert opened(bob, link) == before
    assert opened(bob, later)["messages"]["data"][0]["content"] == "A lost laptop, zephyr?"


def test_long_ones_come_in_parts(ada: httpx2.Client, bob: httpx2.Client, conversation: str) -> None:
    answered(ada, conversation, "When are receipts repaid, zephyr?")
    link = made(ada, conversation)
    parts = [opened(bob, link, limit=3, after=after)["messages"] for after in (0, 3, 4)]

    assert [[each["position"] for each in part["data"]] for part in parts] == [[1, 2, 3], [4], []]
    assert [part["has_more"] for part in parts] == [True, False, False]


def test_revoked_it_is_gone_at_once_like_one_that_never_was(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    foreign = bob.delete(f"/v1/shares/{link['id']}")
    first = [ada.delete(f"/v1/shares/{link['id']}") for _ in range(2)]
    gone = bob.get(f"/v1/shared/{link['token']}")
    never = bob.get(f"/v1/shared/shr-stoa-{secrets.token_urlsafe(32)}")
    acts = "SELECT action FROM audit_events WHERE object_id = :id AND verdict = 'done' ORDER BY id"

    assert (refused(foreign), first[0].status_code, refused(first[1])) == (MISSING, 200, MISSING)
    assert refused(gone) == refused(never) == MISSING
    assert gone.json()["error"] == never.json()["error"]
    assert links(ada, conversation) == []
    assert place.rows("SELECT id FROM shares WHERE id = :id", id=link["id"]) == []
    assert {row["action"] for row in place.rows(acts, id=link["id"])} == {
        "share.created",
        "share.revoked",
    }


def test_only_whose_conversation_it_is_makes_and_lists_links(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    path = f"/v1/conversations/{conversation}/shares"

    assert refused(bob.post(path)) == refused(bob.get(path)) == (404, "conversation_not_found")
    assert links(ada, conversation) == [link["id"]]


def test_repeated_under_one_key_it_makes_one_link(ada: httpx2.Client, conversation: str) -> None:
    key = {"idempotency-key": secrets.token_hex(8)}
    first, again = made(ada, conversation, **key), made(ada, conversation, **key)

    assert first == again
    assert links(ada, conversation) == [first["id"]]


def test_nothing_half_or_unkept_is_shared(ada: httpx2.Client, assistant_of_ada: str) -> None:
    empty = begun(ada, assistant_of_ada)
    temporary = begun(ada, assistant_of_ada, temporary=True)
    answered(ada, temporary, LEAVE)
    running = begun(ada, assistant_of_ada)
    turn = ask(ada, running, "zephyr, say nothing more")
    answers = [ada.post(f"/v1/conversations/{each}/shares") for each in (empty, temporary, running)]
    ada.post(f"/v1/turns/{turn['id']}/stop")
    read_out(ada, turn)
    ada.delete(f"/v1/conversations/{temporary}")

    assert [refused(each) for each in answers] == [
        (409, "nothing_to_share"),
        (409, "conversation_temporary"),
        (409, "turn_in_progress"),
    ]


def test_a_conversation_has_twenty_links_and_not_endless_ones(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    for _ in range(20):
        made(ada, conversation)
    one_more = ada.post(f"/v1/conversations/{conversation}/shares")
    place.rows("DELETE FROM shares WHERE conversation_id = :id", id=conversation)
    place.rows(
        "UPDATE messages SET content = content || repeat('x', 500001) WHERE conversation_id = :id"
        " AND role = 'assistant'",
        id=conversation,
    )
    too_long = ada.post(f"/v1/conversations/{conversation}/shares")

    assert refused(one_more) == (409, "too_many_shares")
    assert refused(too_long) == (409, "conversation_too_long")


def test_it_is_hidden_with_its_conversation_had_back_with_it_and_erased_with_it(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    path = f"/v1/shared/{link['token']}"
    ada.delete(f"/v1/conversations/{conversation}")
    hidden = [bob.get(path), ada.delete(f"/v1/shares/{link['id']}")]
    ada.post(f"/v1/conversations/{conversation}/restore")
    back = bob.get(path)
    place.rows(
        "UPDATE conversations SET deleted_at = now() - interval '31 days' WHERE id = :id",
        id=conversation,
    )
    place.swept()

    assert [refused(each) for each in hidden] == [MISSING, MISSING]
    assert back.status_code == 200
    assert refused(bob.get(path)) == MISSING
    assert place.rows("SELECT id FROM shares WHERE id = :id", id=link["id"]) == []


def test_a_link_rests_while_its_maker_may_not_come_in(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, link: dict[str, Any]
) -> None:
    suspend = "UPDATE members SET suspended_at = {} WHERE id = :id"
    ada_id = ada.get("/v1/me").json()["id"]
    place.rows(suspend.format("now()"), id=ada_id)
    resting = bob.get(f"/v1/shared/{link['token']}")
    place.rows(suspend.format("NULL"), id=ada_id)

    assert refused(resting) == MISSING
    assert opened(bob, link)


def test_the_assistant_is_named_to_those_who_may_ask_it(
    ada: httpx2.Client, bob: httpx2.Client, assistant_of_ada: str, link: dict[str, Any]
) -> None:
    def ask_able() -> bool:
        return opened(bob, link)["assistant_id"] is not None

    before = ask_able()
    with shared_as("public", ada, assistant_of_ada):
        public = ask_able()

    assert (before, public, ask_able()) == (False, True, False)
    assert opened(ada, link)["assistant_id"] is not None


def test_strangers_are_turned_away_before_anything_is_looked_up(
    place: Place, link: dict[str, Any]
) -> None:
    answers = [
        httpx2.get(f"{place.gateway}/v1/shared/{token}", timeout=30)
        for token in (link["token"], "shr-stoa-none")
    ]

    assert [refused(each) for each in answers] == [(401, "not_signed_in")] * 2


def test_the_token_opens_nothing_else_and_shows_written_fields_only(
    place: Place, bob: httpx2.Client, conversation: str, link: dict[str, Any]
) -> None:
    """T04: a peer's share link was good for any chat, another's led to a key."""
    token = link["token"]
    as_key = [
        httpx2.get(place.gateway + path, headers={"authorization": f"Bearer {token}"}, timeout=30)
        for path in ("/v1/me", f"/v1/conversations/{conversation}", f"/v1/shared/{token}")
    ]
    as_id = [
        bob.get(f"/v1/conversations/{token}"),
        bob.get(f"/v1/shared/{link['id']}"),
        bob.get(f"/v1/shared/{conversation}"),
        bob.get(f"/v1/shared/{token}x"),
        bob.delete(f"/v1/shares/{token}"),
    ]
    shared = opened(bob, link)
    answer = shared["messages"]["data"][1]

    assert {each.status_code for each in as_key} == {401}
    assert {each.status_code for each in as_id} == {404}
    assert set(shared) == SHOWN
    assert set(answer) == SHOWN_OF_MESSAGES
    assert set(answer["citations"][0]) == SHOWN_OF_CITATIONS


@pytest.fixture
def own_shelf(place: Place, ada: httpx2.Client) -> Shelf:
    """Knowledge of one document, which a test may take away."""
    collection_id = ada.post("/v1/vector_stores", json={"name": "Paper"}).json()["id"]
    shelf = Shelf(collection_id, ada.get("/v1/me").json()["workspace"]["id"])
    put_on(place, ada, shelf, "paper.md", [PAPER])
    return shelf


@pytest.fixture
def paper_link(ada: httpx2.Client, own_shelf: Shelf) -> tuple[str, dict[str, Any]]:
    """The assistant's id, and a link to an answer that quotes the document."""
    resources = {"file_search": {"vector_store_ids": [own_shelf.collection_id]}}
    assistant = ada.post(
        "/v1/assistants", json={"name": "Paper", "tool_resources": resources}
    ).json()["id"]
    ada.post(f"/v1/assistants/{assistant}/publish")
    conversation = begun(ada, assistant)
    answered(ada, conversation, "Where does the paper for the northern printer lie, zephyr?")
    return assistant, made(ada, conversation)


def test_a_deleted_documents_words_are_quoted_by_no_link_any_more(
    ada: httpx2.Client,
    bob: httpx2.Client,
    own_shelf: Shelf,
    paper_link: tuple[str, dict[str, Any]],
) -> None:
    _, link = paper_link
    before = opened(bob, link)
    path = f"/v1/vector_stores/{own_shelf.collection_id}/files"
    (file,) = ada.get(path).json()["data"]
    ada.delete(f"{path}/{file['id']}")
    after = opened(bob, link)

    assert quotes(before) == [("paper.md", PAPER)]
    assert quotes(after) == [(None, None)]
    assert after["messages"]["data"][1]["content"] == before["messages"]["data"][1]["content"]


def test_nor_is_what_was_switched_off_nor_what_a_deleted_assistant_read(
    place: Place, ada: httpx2.Client, bob: httpx2.Client, paper_link: tuple[str, dict[str, Any]]
) -> None:
    assistant, link = paper_link
    switch = "UPDATE passages SET is_off = :off WHERE text = :text"
    place.rows(switch, off=True, text=PAPER)
    switched_off = quotes(opened(bob, link))
    place.rows(switch, off=False, text=PAPER)
    switched_on = quotes(opened(bob, link))
    ada.delete(f"/v1/assistants/{assistant}")

    assert (switched_off, switched_on) == ([(None, None)], [("paper.md", PAPER)])
    assert quotes(opened(bob, link)) == [(None, None)]
