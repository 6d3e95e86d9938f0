"""Talks as trees and in order: versions beside one another, folders, undo, temporary chats."""

import re
import time

import pytest

from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}
DEADLINE_SECONDS = 60


@pytest.fixture
def conversation(ada: Person, standin: Standin, assistant_of_ada: str) -> str:
    return begun(ada, standin, assistant_of_ada)


def begun(ada: Person, standin: Standin, assistant: str, **more: str) -> str:
    fields = {"assistant_id": assistant, "text": "What was a stoa?", **more}
    where = ada.post("/chat/conversations", fields).headers["location"]
    finished(standin, conversation := where.removeprefix("/chat/"))
    return conversation


def finished(standin: Standin, conversation: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while standin.messages[conversation][-1].status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.01)  # a poll with a deadline


def ask(ada: Person, standin: Standin, conversation: str, text: str, **more: str) -> str:
    """Ask without scripts; where the answer leads."""
    answer = ada.post(f"/chat/{conversation}/turns", {"text": text, **more})
    finished(standin, conversation)
    return answer.headers["location"]


def keep(ada: Person, conversation: str, **fields: str) -> None:
    ada.post(f"/chat/{conversation}/keep", {"title": "Walks", **fields})


def test_an_edited_question_stands_beside_the_former_and_both_can_be_turned_to(
    ada: Person, standin: Standin, conversation: str
) -> None:
    question = standin.messages[conversation][0].id
    ask(ada, standin, conversation, "And a temple?", edits=question)
    edited = ada.get(f"/chat/{conversation}")
    turned = ada.post(f"/chat/{conversation}/branch", {"message_id": question})
    former = words_of(ada.get(f"/chat/{conversation}"))

    assert "2/2" in words_of(edited)
    assert f'value="{question}"' in edited.text
    assert turned.headers["location"] == f"/chat/{conversation}#{question}"
    assert "What was a stoa?" in former
    assert "1/2" in former
    assert "And a temple?" not in former


def test_an_answer_is_written_anew_beside_the_former(
    ada: Person, standin: Standin, conversation: str
) -> None:
    turn = standin.messages[conversation][1].turn_id
    went = ada.post(f"/chat/turns/{turn}/regenerate").headers["location"]
    finished(standin, conversation)
    page = words_of(ada.get(f"/chat/{conversation}"))

    assert went == f"/chat/{conversation}#latest"
    assert "2/2" in page
    assert len(standin.messages[conversation]) == 3


def test_the_composer_follows_the_branch_that_its_page_shows(
    ada: Person, standin: Standin, conversation: str
) -> None:
    last = standin.messages[conversation][-1].id
    page = ada.get(f"/chat/{conversation}").text
    more = ada.post(
        f"/chat/{conversation}/turns", {"text": "Next?", "parent_id": last}, headers=HTMX
    )
    answer = standin.messages[conversation][-1].id

    assert f'name="parent_id" value="{last}"' in " ".join(page.split())
    assert f'value="{answer}"' in more.text
    assert 'hx-swap-oob="true"' in more.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without scripts", "with them"])
def test_the_second_window_is_told_that_its_question_is_a_branch(
    ada: Person, standin: Standin, conversation: str, headers: dict[str, str]
) -> None:
    last = standin.messages[conversation][-1].id
    ask(ada, standin, conversation, "From the first window?", parent_id=last)
    second = {"text": "From the second?", "parent_id": last}
    answer = ada.post(f"/chat/{conversation}/turns", second, headers=headers)
    finished(standin, conversation)
    seen = answer if headers else ada.get(answer.headers["location"])

    assert "This conversation went on in another window." in words_of(seen)
    assert "From the second?" in words_of(seen)
    assert "From the first window?" not in words_of(seen)


def test_a_finished_answer_in_the_stream_can_be_regenerated_from_there(
    ada: Person, standin: Standin, conversation: str
) -> None:
    turn = standin.messages[conversation][1].turn_id
    stream = ada.get(f"/chat/turns/{turn}/events", {"accept": "text/event-stream"}).text

    assert f"/chat/turns/{turn}/regenerate" in stream
    assert "form_token" in stream


def test_a_conversation_is_named_pinned_and_put_into_a_new_folder(
    ada: Person, standin: Standin, conversation: str, assistant_of_ada: str
) -> None:
    begun(ada, standin, assistant_of_ada, text="Something else")
    keep(ada, conversation, new_folder="Athens", pinned="yes")
    page = ada.get("/chat")
    folder = next(iter(standin.folders))
    inside = words_of(ada.get(f"/chat?folder={folder}"))

    assert "Pinned Walks" in words_of(page)
    assert f'href="/chat?folder={folder}"' in page.text
    assert "Walks" in inside
    assert "Something else" not in inside


def test_a_folder_is_renamed_and_deleted_and_its_conversations_stay(
    ada: Person, standin: Standin, conversation: str
) -> None:
    keep(ada, conversation, new_folder="Athens")
    folder = next(iter(standin.folders))
    ada.post(f"/chat/folders/{folder}/rename", {"name": "Sparta"})
    renamed = words_of(ada.get("/chat"))
    ada.post(f"/chat/folders/{folder}/delete")

    assert "Sparta" in renamed
    assert "Sparta" not in words_of(ada.get("/chat"))
    assert "Walks" in words_of(ada.get("/chat"))


@pytest.mark.usefixtures("conversation")
def test_a_search_that_finds_nothing_says_so(ada: Person) -> None:
    found = words_of(ada.get("/chat?query=STOA"))
    nothing = words_of(ada.get("/chat?query=quarry"))

    assert "What was a stoa?" in found
    assert "No conversation fits." in nothing


def test_what_was_deleted_is_had_back_by_undo(ada: Person, conversation: str) -> None:
    went = ada.post(f"/chat/{conversation}/delete").headers["location"]
    page = ada.get(went)
    back = ada.post(f"/chat/{conversation}/restore").headers["location"]

    assert "Deleted. Undo" in words_of(page)
    assert f'action="/chat/{conversation}/restore"' in page.text
    assert "What was a stoa?" in words_of(ada.get(back))


def test_undo_leads_nowhere_else(ada: Person) -> None:
    assert "Undo" not in words_of(ada.get('/chat?deleted=x/../../logout"'))


def test_a_temporary_chat_says_so_and_is_in_no_list(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    door = ada.get(f"/chat/new?assistant={assistant_of_ada}&temporary=true")
    conversation = begun(ada, standin, assistant_of_ada, temporary="yes")
    page = words_of(ada.get(f"/chat/{conversation}"))
    ended = ada.post(f"/chat/{conversation}/delete").headers["location"]

    assert 'name="temporary" value="yes"' in door.text
    assert "Temporary chat: nothing of it is kept" in page
    assert "End now" in page
    assert "What was a stoa?" not in words_of(ada.get("/chat"))
    assert ended == "/chat"


@pytest.mark.parametrize("title", ["", "x" * 201])
def test_a_name_that_is_none_is_refused_in_words(
    ada: Person, conversation: str, title: str
) -> None:
    refused = ada.post(f"/chat/{conversation}/keep", {"title": title})

    assert refused.status_code == 400
    assert "A name is needed" in words_of(refused)


@pytest.mark.parametrize(("form", "kind"), [("md", "text/markdown"), ("json", "application/json")])
def test_a_conversation_is_taken_along_as_a_file(
    ada: Person, conversation: str, form: str, kind: str
) -> None:
    file = ada.get(f"/chat/{conversation}/export.{form}")

    assert f'href="/chat/{conversation}/export.{form}"' in ada.get(f"/chat/{conversation}").text
    assert file.headers["content-type"].startswith(kind)
    assert file.headers["content-disposition"].startswith("attachment;")
    assert "What was a stoa?" in file.text


def rated(standin: Standin, conversation: str) -> tuple[str, str, str] | None:
    feedback = standin.messages[conversation][-1].feedback
    if feedback is None:
        return None
    return feedback.rating.value, feedback.comment, feedback.correction


def test_a_thumb_opens_the_form_for_words(
    ada: Person, standin: Standin, conversation: str, assistant_of_ada: str
) -> None:
    answer = standin.messages[conversation][-1].id
    path = f"/chat/messages/{answer}/feedback"
    before = ada.get(f"/chat/{conversation}").text
    plain = ada.post(path, {"rating": "down"})
    after = ada.get(f"/chat/{conversation}").text
    words = {"rating": "down", "comment": "Too short.", "correction": "A hall."}
    piece = ada.post(path, words, headers=HTMX)
    of_builder = words_of(ada.get(f"/studio/{assistant_of_ada}/statistics"))

    assert "Tell the builders more" not in before
    assert plain.headers["location"] == f"/chat/{conversation}#{answer}"
    assert "Tell the builders more" in after
    assert "without your name, your question and the answer" in words_of(piece)
    assert "A hall.</textarea>" in piece.text
    assert rated(standin, conversation) == ("down", "Too short.", "A hall.")
    assert "Too short." in of_builder
    assert "A hall." in of_builder
    assert "What was a stoa?" not in of_builder


def test_a_thumb_is_taken_back(ada: Person, standin: Standin, conversation: str) -> None:
    path = f"/chat/messages/{standin.messages[conversation][-1].id}/feedback"
    ada.post(path, {"rating": "up"})
    piece = ada.post(f"{path}/remove", {}, headers=HTMX)
    ada.post(path, {"rating": "up"})
    plain = ada.post(f"{path}/remove", {})

    assert 'aria-pressed="true"' not in piece.text
    assert plain.headers["location"].startswith(f"/chat/{conversation}#")
    assert rated(standin, conversation) is None


@pytest.mark.parametrize(
    "fields", [{}, {"rating": "sideways"}, {"rating": "up", "comment": "x" * 2_001}]
)
def test_feedback_that_does_not_fit_changes_nothing(
    ada: Person, standin: Standin, conversation: str, fields: dict[str, str]
) -> None:
    answer = standin.messages[conversation][-1].id
    refused = ada.post(f"/chat/messages/{answer}/feedback", fields)

    assert refused.status_code == 400
    assert "Choose a thumb" in words_of(refused)
    assert rated(standin, conversation) is None


def test_a_temporary_chat_asks_for_no_feedback(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    conversation = begun(ada, standin, assistant_of_ada, temporary="yes")

    assert "/feedback" not in ada.get(f"/chat/{conversation}").text


def test_builders_turn_the_pages_of_what_readers_wrote(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    for number in range(21):
        conversation = begun(ada, standin, assistant_of_ada)
        answer = standin.messages[conversation][-1].id
        words = {"rating": "up", "comment": f"Note {number}."}
        ada.post(f"/chat/messages/{answer}/feedback", words)
    path = f"/studio/{assistant_of_ada}/statistics"
    first = ada.get(path)
    last = re.search(r"statistics\?after=([\w-]+)", first.text)
    assert last is not None
    second = words_of(ada.get(f"{path}?after={last[1]}"))

    assert "Note 20." in words_of(first)
    assert "Note 0." not in words_of(first)
    assert "Note 0." in second
