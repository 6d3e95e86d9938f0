"""A chatter asks, reads a streamed answer, opens what it cites, reloads, and finds it again."""

import pytest
from playwright.sync_api import Page, expect

from tests.support import journeys
from tests.support.gateway_standin import QUOTES
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Be short.", ["What was a stoa?"])
QUESTION = "What was a stoa?"
CHIPS_AT_A_LINE_S_START = """() => {
    const prose = document.querySelector(".prose");
    let count = 0;
    for (let width = 160; width < 500; width += 5) {
        prose.style.width = `${width}px`;
        for (const chip of prose.querySelectorAll(".chip-cite")) {
            const block = chip.closest("p, li").getBoundingClientRect();
            count += chip.getBoundingClientRect().left - block.left < 8;
        }
    }
    prose.removeAttribute("style");
    return count;
}"""


@pytest.fixture
def chat(page: Page, stoa: WebOnStandin) -> Page:
    """A chatter before a published assistant."""
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    journeys.open_chat(page)
    return page


def test_an_answer_cites_passages_that_open(chat: Page, stoa: WebOnStandin) -> None:
    stoa.standin.word_seconds = 0.02

    answer = journeys.ask(chat, QUESTION)

    assert "Merchants sold there" in answer
    assert chat.evaluate(CHIPS_AT_A_LINE_S_START) == 0
    assert journeys.open_first_citation(chat) == QUOTES[1]
    assert journeys.open_in_document(chat) == QUOTES[1]
    expect(chat.locator("main")).to_contain_text("page 12")


def test_the_answer_is_seen_while_it_is_written(chat: Page, stoa: WebOnStandin) -> None:
    stoa.standin.word_seconds = 0.2
    chat.locator("[data-composer]").fill(QUESTION)
    chat.keyboard.press("Enter")

    running = chat.locator("article.answer.running")
    expect(running.locator(".streamed")).to_contain_text("The stoa was")
    expect(running.locator(".status")).to_have_text("Writing")
    stoa.standin.word_seconds = 0
    expect(chat.locator("article.answer .cite").first).to_be_visible()


def test_a_refused_stream_is_asked_for_again(chat: Page, stoa: WebOnStandin) -> None:
    stoa.standin.word_seconds = 0.2
    stoa.standin.refused_streams = 2

    answer = journeys.ask(chat, QUESTION)

    assert "Merchants sold there" in answer
    assert stoa.standin.refused_streams == 0


def test_the_next_question_goes_on_in_the_same_page(chat: Page) -> None:
    journeys.ask(chat, QUESTION)
    address = chat.url
    journeys.ask(chat, "And in winter?")

    assert chat.url == address
    expect(chat.locator("article.question")).to_have_count(2)
    expect(chat.locator("[data-composer]")).to_have_value("")


def test_escape_stops_a_running_answer(chat: Page, stoa: WebOnStandin) -> None:
    stoa.standin.word_seconds = 0.2
    chat.locator("[data-composer]").fill(QUESTION)
    chat.keyboard.press("Enter")
    expect(chat.locator(".streamed")).to_contain_text("The stoa")
    chat.wait_for_load_state()  # the first words come with the page, the keys with its scripts

    chat.keyboard.press("Escape")

    expect(chat.locator("article.answer.stopped")).to_contain_text("Stopped here.")


def test_a_starter_is_a_question(chat: Page) -> None:
    chat.locator(".starter-chips button").click()

    expect(chat.locator("article.question > p")).to_have_text(QUESTION)


def test_history_keeps_the_conversation(chat: Page, stoa: WebOnStandin) -> None:
    journeys.ask(chat, QUESTION)

    chat.goto(f"{stoa.base_url}/chat")
    chat.get_by_role("link", name=QUESTION).click()

    expect(chat.locator("article.answer")).to_contain_text("Merchants sold there")


def test_hostile_answers_run_nothing_and_fetch_nothing(chat: Page, stoa: WebOnStandin) -> None:
    stoa.standin.answer = (
        "<img src=https://evil.example/a onerror=alert(1)> ![x](https://evil.example/b.png) "
        "<script>document.title='taken'</script> [1]"
    )
    asked: list[str] = []
    chat.on("request", lambda request: asked.append(request.url))

    journeys.ask(chat, QUESTION)
    chat.reload()
    expect(chat.locator("article.answer .cite")).to_have_count(1)

    assert [url for url in asked if not url.startswith(stoa.base_url)] == []
    assert "taken" not in chat.title()
