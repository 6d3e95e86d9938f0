"""Asking when something is amiss: an answer that is stopped, left and come back to, an engine that
fails; with scripting, without, and in Chinese; on a slow line, and on one that breaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import journeys
from tests.support.browser import visitor
from tests.support.cut_line import Line, line_to
from tests.support.gateway_standin import ANSWER
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin, web_on_standin

QUESTION = "What was a stoa?"
WRITTEN = ANSWER.replace(" [1]", "").replace(" [2]", "")
WORD_SECONDS = 0.15
SLOW_LINE = {"offline": False, "latency": 400, "downloadThroughput": 40_000}
WORDS = {
    "en-GB": {
        "writing": "Writing",
        "stopped": "Stopped here.",
        "failing": "The model does not answer at the moment. Your question is kept.",
        "took": "wrote for 4.1 s",
    },
    "zh-CN": {
        "writing": "正在撰写",
        "stopped": "到此停止。",
        "failing": "模型暂时没有响应，您的问题已保留。",
        "took": "撰写用时 4.1 秒",
    },
}


@dataclass(frozen=True)
class Reader:
    """Somebody before a new chat with a published assistant."""

    page: Page
    words: dict[str, str]

    def ask(self) -> None:
        """Ask, and stay until the first words are there."""
        self.page.locator("[data-composer]").fill(QUESTION)
        self.page.locator("form:has([data-composer]) button").first.click()
        expect(self.page.locator("article.running .streamed")).to_contain_text("The stoa")

    @property
    def answer(self) -> Any:
        return self.page.locator("article.answer:not(.running)")


@dataclass(frozen=True)
class Place:
    """A Stoa with an assistant, and somebody's session."""

    stoa: WebOnStandin
    line: Line
    chat: str
    cookies: Any


@pytest.fixture(scope="module")
def place(browser: Browser) -> Iterator[Place]:
    with web_on_standin() as stoa, line_to(stoa.base_url) as line:
        page = visitor(browser)
        journeys.claim(page, stoa)
        journeys.make_assistant(page, stoa, Plan("The covered walk", "Be short."))
        journeys.publish(page)
        journeys.open_chat(page)
        chat = page.url.removeprefix(stoa.base_url)
        yield Place(stoa, line, chat, page.context.cookies())
        page.context.close()


def opened(browser: Browser, place: Place, base_url: str, **profile: Any) -> Page:
    page = visitor(browser, **profile)
    page.context.add_cookies(place.cookies)
    page.goto(base_url + place.chat)
    page.wait_for_load_state()
    return page


@pytest.fixture(
    params=[("en-GB", True), ("en-GB", False), ("zh-CN", True), ("zh-CN", False)],
    ids=["English", "English without scripts", "Chinese", "Chinese without scripts"],
)
def reader(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Reader]:
    lang, scripting = request.param
    place.stoa.standin.word_seconds = WORD_SECONDS
    page = opened(browser, place, place.stoa.base_url, lang=lang, scripting=scripting)
    yield Reader(page, WORDS[lang])
    place.stoa.standin.word_seconds = 0
    place.stoa.standin.is_engine_failing = False
    page.context.close()


@pytest.fixture
def on_the_line(browser: Browser, place: Place) -> Iterator[Page]:
    """A page that reaches Stoa over the line that can be cut."""
    place.stoa.standin.word_seconds = WORD_SECONDS
    page = opened(browser, place, place.line.url)
    yield page
    place.line.mend()
    place.stoa.standin.word_seconds = 0
    page.context.close()


def test_stop_keeps_what_was_written(reader: Reader) -> None:
    reader.ask()

    reader.page.locator("article.running .post-button button").click()

    expect(reader.answer).to_contain_text(reader.words["stopped"])
    expect(reader.answer.locator(".prose")).to_contain_text("The stoa")
    expect(reader.page.locator("article.answer")).to_have_count(1)


def test_a_reload_in_mid_answer_goes_on_to_its_end(place: Place, reader: Reader) -> None:
    reader.ask()

    reader.page.reload()
    expect(reader.page.locator("article.running .status")).to_have_text(reader.words["writing"])
    expect(reader.page.locator("article.running .elapsed")).to_be_visible()
    place.stoa.standin.word_seconds = 0

    expect(reader.answer.locator(".cite")).to_have_count(3)
    expect(reader.answer.locator(".work-note")).to_contain_text(reader.words["took"])
    expect(reader.page.locator("article.question")).to_have_count(1)


def test_a_failing_engine_is_said_plainly_and_the_next_question_works(
    place: Place, reader: Reader
) -> None:
    place.stoa.standin.word_seconds = 0
    place.stoa.standin.is_engine_failing = True
    journeys.ask(reader.page, QUESTION)
    expect(reader.answer.locator("[role=alert]")).to_contain_text(reader.words["failing"])

    place.stoa.standin.is_engine_failing = False
    answer = journeys.ask(reader.page, "And now?")

    assert "Merchants sold there" in answer


def test_a_slow_line_shows_words_as_they_come_and_asks_once(browser: Browser, place: Place) -> None:
    place.stoa.standin.word_seconds = WORD_SECONDS
    page = opened(browser, place, place.stoa.base_url)
    journeys.ask(page, QUESTION)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {**SLOW_LINE, "uploadThroughput": 10_000})
    page.locator("[data-composer]").fill("And in winter?")
    for _ in range(3):  # somebody who thinks that nothing happens
        page.locator("[data-composer]").press("Enter")

    expect(page.locator("article.running .streamed")).to_contain_text("The stoa")
    expect(page.locator("article.running .elapsed")).to_have_text(re.compile(r"^[1-9]\d* s$"))
    place.stoa.standin.word_seconds = 0
    expect(page.locator("article.answer:not(.running) .cite")).to_have_count(6)
    expect(page.locator("article.question")).to_have_count(2)
    page.context.close()


def test_an_answer_whose_line_breaks_is_picked_up_from_its_last_word(
    place: Place, on_the_line: Page
) -> None:
    place.stoa.standin.word_seconds = 2 * WORD_SECONDS
    Reader(on_the_line, WORDS["en-GB"]).ask()
    streamed = on_the_line.locator("article.running .streamed")
    expect(streamed).to_contain_text("a covered walk")  # "The stoa" came with the page
    place.line.cut()
    expect(on_the_line.locator("article.running .status")).to_contain_text("Trying again")
    before = streamed.inner_text()
    place.line.mend()

    expect(streamed).not_to_have_text(before)
    expect(on_the_line.locator("article.running .status")).to_have_text("Writing")
    shown = streamed.evaluate("(element) => element.textContent")
    place.stoa.standin.word_seconds = 0
    assert WRITTEN.startswith(shown.rstrip())
    expect(on_the_line.locator("article.answer:not(.running) .cite")).to_have_count(3)
