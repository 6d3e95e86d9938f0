"""Files attached to a conversation: sent, followed, refused, taken out, by pages alone."""

import httpx2
import pytest

from contracts.accounts import Power
from contracts.conversations import TurnEvent
from tests.support.gateway_standin import Standin
from tests.support.web_people import Files, Person, words_of
from tests.unit.web.test_talks import HTMX, begun, finished
from web.languages import Languages
from web.step_words import words_of_status

REPORT: Files = [("files", ("report.md", b"# A report"))]
EMPTY: Files = [("files", ("empty.pdf", b""))]


@pytest.fixture
def conversation(ada: Person, standin: Standin, assistant_of_ada: str) -> str:
    return begun(ada, standin, assistant_of_ada)


def attach(ada: Person, conversation: str, files: Files, **headers: str) -> httpx2.Response:
    return ada.post(f"/chat/{conversation}/files", files=files, headers=headers or None)


def names(standin: Standin, conversation: str) -> list[str]:
    found = standin.documents.values()
    return [each.filename for each in found if each.vector_store_id == conversation]


def test_a_file_is_attached_and_followed_until_it_is_read(
    ada: Person, standin: Standin, conversation: str
) -> None:
    went = attach(ada, conversation, REPORT).headers["location"]
    first = ada.get(f"/chat/{conversation}")
    standin.steps_by_itself = False
    for _ in range(10):
        standin.step()
    piece = ada.get(f"/chat/{conversation}/files", HTMX)

    assert went == f"/chat/{conversation}#latest"
    assert "report.md being read" in words_of(first)
    assert "Show how far they are now" in words_of(first)
    assert 'hx-trigger="every 1s"' in first.text
    assert "report.md Ready" in words_of(piece)
    assert "hx-trigger" not in piece.text
    assert "<html" not in piece.text


def test_why_a_file_could_not_be_read_stands_beside_it(
    ada: Person, standin: Standin, conversation: str
) -> None:
    attach(ada, conversation, [("files", ("broken.pdf", b"x"))])
    for _ in range(10):
        standin.step()
    (document,) = standin.documents.values()
    assert document.last_error is not None

    assert document.last_error.message in words_of(ada.get(f"/chat/{conversation}"))


def test_a_refused_file_does_not_stop_the_others(
    ada: Person, standin: Standin, conversation: str
) -> None:
    plain = attach(ada, conversation, EMPTY + REPORT)
    piece = attach(ada, conversation, EMPTY, **HTMX)

    for answer in (plain, piece):
        assert "empty.pdf This file is empty. Nothing of it was kept." in words_of(answer)
    assert (plain.status_code, piece.status_code) == (422, 200)
    assert "report.md" in words_of(piece)
    assert names(standin, conversation) == ["report.md"]


def test_a_form_without_a_file_says_so(ada: Person, conversation: str) -> None:
    answer = ada.post(f"/chat/{conversation}/files")

    assert answer.status_code == 400
    assert "Choose a file first." in words_of(answer)


def test_a_file_is_taken_out(ada: Person, standin: Standin, conversation: str) -> None:
    attach(ada, conversation, REPORT)
    (file_id,) = standin.documents
    path = f"/chat/{conversation}/files/{file_id}/remove"
    piece = ada.post(path, headers=HTMX)
    again = ada.post(path)

    assert "report.md" not in piece.text
    assert names(standin, conversation) == []
    assert again.status_code == 404
    assert "This file is not in the conversation any more." in words_of(again)


def test_a_first_question_brings_its_files_along(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    fields = {"assistant_id": assistant_of_ada, "text": "What does it say?"}
    went = ada.post("/chat/conversations", fields, files=REPORT).headers["location"]
    conversation = went.removeprefix("/chat/")
    finished(standin, conversation)

    assert names(standin, conversation) == ["report.md"]
    assert [each.role for each in standin.messages[conversation]] == ["user", "assistant"]


def test_a_first_question_waits_where_a_file_is_refused(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    fields = {"assistant_id": assistant_of_ada, "text": "What does it say?"}
    answer = ada.post("/chat/conversations", fields, files=EMPTY)

    assert answer.status_code == 422
    assert "empty.pdf This file is empty." in words_of(answer)
    assert ">What does it say?</textarea>" in answer.text
    assert list(standin.messages.values()) == [[]]


def test_temporary_chats_and_guests_have_no_clip(
    ada: Person, standin: Standin, assistant_of_ada: str, conversation: str
) -> None:
    temporary = begun(ada, standin, assistant_of_ada, temporary="yes")
    pages = [ada.get(f"/chat/{each}").text for each in (conversation, temporary)]
    door = ada.get(f"/chat/new?assistant={assistant_of_ada}&temporary=true").text
    for member in standin.sessions.values():
        member.workspace.power = Power.GUEST
    guests = ada.get(f"/chat/{conversation}").text

    assert ["attach-files" in page for page in (*pages, door, guests)] == [True] + [False] * 3


def test_what_is_cited_of_an_attached_file_opens_beside_a_foreign_assistant(
    ada: Person, standin: Standin, conversation: str
) -> None:
    talk = standin.conversations[conversation]
    talk.opens_sources = False
    closed = ada.get(f"/chat/{conversation}").text
    cited = standin.messages[conversation][1].annotations[0].file_citation.file_id
    talk.file_ids = [cited]
    opened = ada.get(f"/chat/{conversation}").text

    assert ["Open in the document" in page for page in (closed, opened)] == [False, True]


def test_the_step_names_the_file_that_is_waited_for() -> None:
    language = Languages.load().choose("zh-Hans", "")
    event = TurnEvent(
        id=1, type="status", text="reading_file", filename="{0}.pdf", detail={"percent": 40}
    )

    assert words_of_status(event, language) == "正在读取 {0}.pdf（40%）"
