"""The chat: asking, the stream of an answer, stopping, history."""

import json
import re
import time

import pytest

from contracts.conversations import StepTaken
from tests.support.gateway_standin import ANSWER, Standin
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}
DEADLINE_SECONDS = 60


@pytest.fixture
def conversation(ada: Person, assistant_of_ada: str) -> str:
    response = ada.post(
        "/chat/conversations", {"assistant_id": assistant_of_ada, "text": "What was a stoa?"}
    )
    return response.headers["location"].removeprefix("/chat/")


def turn_of(standin: Standin, conversation: str) -> str:
    return standin.messages[conversation][-1].turn_id


def wait_for_the_end(standin: Standin, conversation: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while standin.messages[conversation][-1].status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.01)  # a poll with a deadline


def events_of(text: str) -> list[tuple[str, str]]:
    """(name, data) of each event of a stream."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_the_first_question_begins_a_conversation(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)

    page = words_of(ada.get(f"/chat/{conversation}"))

    assert "What was a stoa?" in page
    assert "Merchants sold there" in page


def test_a_turn_is_streamed_as_status_text_and_finished_html(
    ada: Person, standin: Standin, conversation: str
) -> None:
    response = ada.get(
        f"/chat/turns/{turn_of(standin, conversation)}/events", {"accept": "text/event-stream"}
    )

    events = events_of(response.text)
    assert [data for name, data in events if name == "status"] == [
        "Searching the documents",
        "Reading 3 passages",
        "Writing",
    ]
    written = "".join(data for name, data in events if name == "delta")
    assert written.strip() == ANSWER.replace(" [1]", "").replace(" [2]", "")
    assert events[-1][0] == "message"
    assert 'class="chip-cite"' in events[-1][1]


def test_an_ended_answer_says_what_it_took(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)
    path = f"/chat/turns/{turn_of(standin, conversation)}/events"
    streamed = events_of(ada.get(path, {"accept": "text/event-stream"}).text)[-1][1]
    page = words_of(ada.get(f"/chat/{conversation}"))
    ada.post("/language", {"language": "zh-Hans", "next": "/"})
    chinese = words_of(ada.get(f"/chat/{conversation}"))
    standin.messages[conversation][-1].steps = [StepTaken(step="writing", ms=0)]
    standin.messages[conversation][-1].cost = "0"
    nothing = words_of(ada.get(f"/chat/{conversation}"))

    took = "searched 3 documents in 0.21 s read 3 passages in 0.35 s wrote for 4.1 s 0.0000649 USD"
    assert took in page
    assert "searched 3 documents in 0.21 s" in streamed
    assert "检索 3 份文档用时 0.21 秒" in chinese
    assert "撰写用时 0 秒 免费" in nothing


def test_a_running_answer_says_for_how_long(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.word_seconds = 0.02
    begun = ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "Go on?"})
    conversation = begun.headers["location"].removeprefix("/chat/")
    standin.messages[conversation][-1].created_at -= 65
    page = ada.get(f"/chat/{conversation}").text
    standin.word_seconds = 0
    wait_for_the_end(standin, conversation)

    seconds = re.search(r'data-seconds="(\d+)" data-words="{seconds} s">(\d+) s<', page)
    assert seconds is not None
    assert 65 <= int(seconds[1]) == int(seconds[2])


def test_reading_goes_on_from_the_last_event(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)
    path = f"/chat/turns/{turn_of(standin, conversation)}/events"
    last = len(standin.events[turn_of(standin, conversation)]) - 1

    by_header = ada.get(path, {"accept": "text/event-stream", "last-event-id": str(last)})
    by_page = ada.get(f"{path}?after={last}", {"accept": "text/event-stream"})

    assert [name for name, _ in events_of(by_header.text)] == ["message"]
    assert [name for name, _ in events_of(by_page.text)] == ["message"]


def test_a_page_without_scripts_refreshes_itself_and_shows_what_is_written(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.word_seconds = 0.02
    begun = ada.post(
        "/chat/conversations", {"assistant_id": assistant_of_ada, "text": "What was a stoa?"}
    )
    path = begun.headers["location"]
    running = ada.get(path).text
    wait_for_the_end(standin, path.removeprefix("/chat/"))
    finished = ada.get(path).text

    assert f'content="2; url={path}?look=1#latest"' in running
    assert "The stoa" in running
    assert '<meta http-equiv="refresh"' not in finished


def test_the_next_question_comes_back_as_the_two_new_messages(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)

    response = ada.post(f"/chat/{conversation}/turns", {"text": "And <b>then</b>?"}, headers=HTMX)

    turn = turn_of(standin, conversation)
    assert "And &lt;b&gt;then&lt;/b&gt;?" in response.text
    assert f'data-events="/chat/turns/{turn}/events?after=0"' in response.text
    assert "<html" not in response.text


def test_without_htmx_asking_leads_back_to_the_conversation(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)

    response = ada.post(f"/chat/{conversation}/turns", {"text": "And then?"})

    assert response.headers["location"] == f"/chat/{conversation}#latest"


@pytest.mark.parametrize(
    ("text", "words"),
    [("  ", "Write a question first."), ("x" * 100_000, "A question may have 32,000 characters")],
)
def test_questions_that_are_none_are_refused_in_words(
    ada: Person, conversation: str, text: str, words: str
) -> None:
    response = ada.post(f"/chat/{conversation}/turns", {"text": text}, headers=HTMX)

    assert response.status_code == 400
    assert response.headers["hx-retarget"] == "#notices"
    assert words in words_of(response)


def test_stopping_keeps_what_was_written(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.word_seconds = 0.05
    begun = ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "Go on?"})
    conversation = begun.headers["location"].removeprefix("/chat/")

    stopped = ada.post(f"/chat/turns/{turn_of(standin, conversation)}/stop")
    wait_for_the_end(standin, conversation)

    assert stopped.headers["location"] == f"/chat/{conversation}#latest"
    assert "Stopped here." in words_of(ada.get(f"/chat/{conversation}"))


def test_a_failing_engine_is_said_plainly_in_the_stream_and_afterwards(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    standin.is_engine_failing = True
    begun = ada.post("/chat/conversations", {"assistant_id": assistant_of_ada, "text": "Hello?"})
    conversation = begun.headers["location"].removeprefix("/chat/")

    path = f"/chat/turns/{turn_of(standin, conversation)}/events"
    events = events_of(ada.get(path, {"accept": "text/event-stream"}).text)
    page = words_of(ada.get(f"/chat/{conversation}"))

    assert events[-1][0] == "failed"
    assert "The model does not answer at the moment." in events[-1][1]
    assert "The model does not answer at the moment. Your question is kept." in page


def test_an_unknown_turn_is_a_real_404_and_no_stream(ada: Person) -> None:
    response = ada.get("/chat/turns/turn_none/events", {"accept": "text/event-stream"})

    assert response.status_code == 404


def test_history_shows_and_forgets_conversations(
    ada: Person, standin: Standin, conversation: str
) -> None:
    wait_for_the_end(standin, conversation)
    before = words_of(ada.get("/chat"))
    ada.post(f"/chat/{conversation}/delete")
    after = words_of(ada.get("/chat"))

    assert "What was a stoa? Guide" in before
    assert "No conversations yet" in after


def test_a_chat_begins_with_what_the_assistant_asks_for(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    asked_for = {"variables": "", "row-0-name": "city", "row-0-label": "Which city?"}
    ada.post(f"/studio/{assistant_of_ada}", {**asked_for, "row-0-kind": "text"})
    door = ada.get(f"/chat/new?assistant={assistant_of_ada}")
    begin = {"assistant_id": assistant_of_ada, "variable-city": "Athens"}
    ada.post("/chat/conversations", {**begin, "text": "", "starter": "What was a stoa?"})

    (conversation,) = standin.conversations.values()
    assert "Which city?" in words_of(door)
    assert conversation.variables == {"city": "Athens"}
    assert conversation.title == "What was a stoa?"
