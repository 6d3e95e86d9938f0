"""More than 200 hostile texts in every field of every page, and each as an answer of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from contracts.conversations import MessageView, TurnStatus
from tests.support.browser import visitor
from tests.support.gateway_standin import annotations_of, now
from tests.support.hostile_pages import HostileStoa, furnish, hostile_stoa
from tests.support.hostile_texts import ALL, groups
from tests.support.hostile_watch import Watch

pytestmark = pytest.mark.timeout(900)  # a quarter of all texts on every page takes minutes


@pytest.fixture(scope="module")
def stoa(browser: Browser) -> Iterator[HostileStoa]:
    with hostile_stoa() as found:
        page = visitor(browser)
        furnish(found, page)
        found.keep_session(page)
        page.context.close()
        yield found


@pytest.fixture
def page(browser: Browser, stoa: HostileStoa) -> Iterator[Page]:
    opened = visitor(browser)
    opened.context.add_cookies(stoa.cookies)
    yield opened
    opened.context.close()
    stoa.texts.say(None)


@pytest.mark.parametrize("part", range(4))
def test_no_page_takes_a_text_for_more_than_a_text(
    page: Page, stoa: HostileStoa, part: int
) -> None:
    watch = Watch(page, stoa.base_url)
    found: dict[tuple[str, str], list[str]] = {}
    for words in groups(ALL)[part::4]:
        stoa.texts.say(words)
        for path in stoa.addresses():
            page.goto(stoa.base_url + path)
            seen = watch.found()
            if seen:
                found[path, words] = seen

    assert found == {}


def test_every_text_as_an_answer_and_as_a_question(page: Page, stoa: HostileStoa) -> None:
    watch = Watch(page, stoa.base_url)
    conversation_id = stoa.ids["conversation_id"]
    found = {}
    for first in range(0, len(ALL), 20):
        stoa.standin.messages[conversation_id] = [
            message
            for number, text in enumerate(ALL[first : first + 20])
            for message in _asked_and_answered(f"{first + number}", text)
        ]
        page.goto(f"{stoa.base_url}/chat/{conversation_id}")
        assert page.locator("article.answer").count() == len(ALL[first : first + 20])
        found[first] = watch.found()

    assert {first: seen for first, seen in found.items() if seen} == {}


@pytest.mark.parametrize("part", range(4))
def test_every_text_written_letter_by_letter(page: Page, stoa: HostileStoa, part: int) -> None:
    watch = Watch(page, stoa.base_url)
    stoa.standin.by_letter = True
    found = {}
    for words in groups(ALL, 1_000)[part::4]:
        stoa.standin.answer = f"{words} [1]"
        stoa.begin_conversation(page, "What?")
        found[words] = watch.found()

    assert {words: seen for words, seen in found.items() if seen} == {}


def _asked_and_answered(name: str, text: str) -> list[MessageView]:
    question = MessageView(
        id=f"msg_q{name}",
        parent_id=None,
        role="user",
        content=text,
        status=TurnStatus.COMPLETE,
        turn_id=f"turn_{name}",
        created_at=now(),
    )
    marked = f"[1] {text} [2]"
    answer = question.model_copy(
        update={
            "id": f"msg_a{name}",
            "role": "assistant",
            "content": marked,
            "annotations": annotations_of(marked),
        }
    )
    return [question, answer]
