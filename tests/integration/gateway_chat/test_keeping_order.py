"""Conversations are named, pinned, put into folders, found again, deleted and had back."""

import httpx2
import pytest

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_chat.talking import answered, begun, listed, said

LEAVE = "How many days of annual leave a year for full-time staff?"


@pytest.fixture
def conversation(ada: httpx2.Client, assistant_of_ada: str) -> str:
    return begun(ada, assistant_of_ada)


def change(person: httpx2.Client, conversation: str, **changes: object) -> httpx2.Response:
    return person.patch(f"/v1/conversations/{conversation}", json=changes)


def folder(person: httpx2.Client, name: str) -> str:
    made = person.post("/v1/folders", json={"name": name})
    assert made.status_code == 201, made.text
    folder_id: str = made.json()["id"]
    return folder_id


def test_a_name_that_was_given_stays_when_more_is_asked(
    ada: httpx2.Client, conversation: str
) -> None:
    change(ada, conversation, title="Holidays")
    answered(ada, conversation, LEAVE)

    assert ada.get(f"/v1/conversations/{conversation}").json()["title"] == "Holidays"


def test_pinned_conversations_are_listed_apart(
    ada: httpx2.Client, conversation: str, assistant_of_ada: str
) -> None:
    other = begun(ada, assistant_of_ada)
    pinned = change(ada, conversation, pinned=True).json()["pinned"]
    both = {conversation, other}
    lists = [both & set(listed(ada, pinned=each, limit=100)) for each in (True, False)]
    change(ada, conversation, pinned=False)

    assert pinned
    assert lists == [{conversation}, {other}]
    assert conversation not in listed(ada, pinned=True)


def test_a_folder_holds_conversations_and_lets_them_go_when_it_is_deleted(
    ada: httpx2.Client, conversation: str
) -> None:
    folder_id = folder(ada, f"Staff {conversation}")
    change(ada, conversation, folder_id=folder_id)
    renamed = ada.patch(f"/v1/folders/{folder_id}", json={"name": f"People {conversation}"}).json()
    inside = listed(ada, folder_id=folder_id)
    ada.delete(f"/v1/folders/{folder_id}")
    after = ada.get(f"/v1/conversations/{conversation}").json()

    assert (inside, renamed["name"]) == ([conversation], f"People {conversation}")
    assert after["folder_id"] is None
    assert ada.patch(f"/v1/folders/{folder_id}", json={"name": "x"}).status_code == 404


def test_a_conversation_leaves_its_folder(ada: httpx2.Client, conversation: str) -> None:
    change(ada, conversation, folder_id=folder(ada, f"In and out {conversation}"))

    assert change(ada, conversation, title="Same").json()["folder_id"] is not None
    assert change(ada, conversation, folder_id=None).json()["folder_id"] is None


def test_two_folders_of_one_name_are_refused(ada: httpx2.Client, conversation: str) -> None:
    folder(ada, f"Once {conversation}")
    again = ada.post("/v1/folders", json={"name": f"Once {conversation}"})

    assert (again.status_code, again.json()["error"]["code"]) == (409, "folder_name_taken")


def test_folders_are_their_members_own(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    of_bob = folder(bob, "Bob's")
    statuses = [
        change(ada, conversation, folder_id=of_bob).status_code,
        ada.patch(f"/v1/folders/{of_bob}", json={"name": "Mine"}).status_code,
        ada.delete(f"/v1/folders/{of_bob}").status_code,
    ]

    assert statuses == [404, 404, 404]
    assert of_bob not in [each["id"] for each in ada.get("/v1/folders").json()["data"]]


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Where is the Propylaea of zq{}?", "PROPYLAEA zq{}"),
        ("雅典卫城在哪里 zq{}?", "卫城在哪 zq{}"),
        ("Is 100%_zq{} enough?", "100%_zq{}"),
    ],
)
def test_what_was_said_is_found_again(
    ada: httpx2.Client, conversation: str, question: str, query: str
) -> None:
    mark = conversation[-8:]
    answered(ada, conversation, question.format(mark))
    change(ada, conversation, title="Something else")

    assert listed(ada, query=query.format(mark)) == [conversation]
    assert listed(ada, query=f"{query.format(mark)} never") == []


def test_a_search_finds_titles_and_takes_no_sign_for_a_pattern(
    ada: httpx2.Client, conversation: str
) -> None:
    change(ada, conversation, title=f"Title {conversation}")

    assert listed(ada, query=conversation.upper()) == [conversation]
    assert conversation not in listed(ada, query="Title%conv")


def test_nobody_finds_what_another_said(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    answered(ada, conversation, f"A secret {conversation}")

    assert listed(bob, query=conversation) == []


def test_a_deleted_conversation_is_had_back_whole(ada: httpx2.Client, conversation: str) -> None:
    answered(ada, conversation, LEAVE)
    before = said(ada, conversation)
    ada.delete(f"/v1/conversations/{conversation}")
    gone = ada.get(f"/v1/conversations/{conversation}").status_code
    back = ada.post(f"/v1/conversations/{conversation}/restore")

    assert (gone, back.status_code) == (404, 200)
    assert said(ada, conversation) == before


def test_nobody_has_back_what_another_deleted(
    ada: httpx2.Client, bob: httpx2.Client, conversation: str
) -> None:
    ada.delete(f"/v1/conversations/{conversation}")

    assert bob.post(f"/v1/conversations/{conversation}/restore").status_code == 404


def test_after_thirty_days_the_words_are_gone_and_the_ledger_stays(
    place: Place, ada: httpx2.Client, conversation: str
) -> None:
    turn = answered(ada, conversation, LEAVE)["turn_id"]
    ada.delete(f"/v1/conversations/{conversation}")
    place.rows(
        "UPDATE conversations SET deleted_at = now() - interval '30 days 1 s' WHERE id = :id",
        id=conversation,
    )
    place.swept()
    (row,) = place.rows("SELECT * FROM conversations WHERE id = :id", id=conversation)
    messages = "SELECT id FROM messages WHERE conversation_id = :id"

    assert (row["title"], row["erased_at"] is not None) == ("", True)
    assert place.rows(messages, id=conversation) == []
    assert ada.post(f"/v1/conversations/{conversation}/restore").status_code == 404
    assert len(place.ledger(turn)) == 1
