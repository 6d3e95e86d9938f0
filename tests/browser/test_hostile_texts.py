"""20 hostile texts in every field of every page: no script runs, nothing foreign is asked for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import visitor
from tests.support.hostile_pages import REFUSED, HostileStoa, furnish, hostile_stoa
from tests.support.hostile_texts import ALL, SAMPLE, groups
from tests.support.hostile_watch import Watch


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


@pytest.fixture
def watch(page: Page, stoa: HostileStoa) -> Watch:
    return Watch(page, stoa.base_url)


def test_the_watch_sees_what_it_is_there_for(page: Page, stoa: HostileStoa, watch: Watch) -> None:
    page.goto(f"{stoa.base_url}/account")
    page.evaluate(
        """() => { document.querySelector("main").insertAdjacentHTML("beforeend",
        '<img src=//evil.example/a.png onerror=stoaRan(1)><p style="color:red">x</p>') }"""
    )
    page.wait_for_timeout(200)  # the refusals arrive by themselves

    found = " ".join(watch.found())
    assert "Content Security Policy" in found
    assert "attribute" in found
    assert "element" in found


@pytest.mark.parametrize("words", groups(SAMPLE))
def test_no_page_takes_a_text_for_more_than_a_text(
    page: Page, stoa: HostileStoa, watch: Watch, words: str
) -> None:
    stoa.texts.say(words)
    found = {}
    for path in stoa.addresses():
        answer = page.goto(stoa.base_url + path)
        found[path] = watch.found()
        if answer is not None and answer.status >= 400 and path not in REFUSED:
            found[path].append(f"the page was not shown: {answer.status}")

    assert {path: seen for path, seen in found.items() if seen} == {}


def test_errors_are_texts_too(page: Page, stoa: HostileStoa, watch: Watch) -> None:
    stoa.texts.say(SAMPLE[0])
    for path in ("/chat/conv_none", "/studio/ast_none", "/chat/passages/psg_none", "/<script>"):
        page.goto(stoa.base_url + path)

        assert watch.found() == []


@pytest.mark.parametrize("words", ["\n\n".join(SAMPLE), *SAMPLE[2:5]])
def test_an_answer_written_letter_by_letter_stays_text(
    page: Page, stoa: HostileStoa, watch: Watch, words: str
) -> None:
    stoa.standin.answer, stoa.standin.by_letter = f"{words} [1]", True

    stoa.begin_conversation(page, words)

    assert watch.found() == []
    expect(page.locator("article.answer .cite")).to_have_count(1)
    assert page.locator("article.question").inner_text().strip() != ""


def test_while_it_is_written_it_is_nothing_but_letters(
    page: Page, stoa: HostileStoa, watch: Watch
) -> None:
    stoa.standin.answer, stoa.standin.by_letter = "<b>bold</b> <img src=x> end", True
    stoa.standin.word_seconds = 0.05
    page.goto(f"{stoa.base_url}/chat/new?assistant={stoa.ids['assistant_id']}")
    page.locator("#question").fill("What?")
    page.locator(".begin button").first.click()

    expect(page.locator(".streamed")).to_contain_text("<b>bold</b> <img")
    stoa.standin.word_seconds = 0
    assert page.locator(".streamed *").count() == 0
    expect(page.locator("article.answer:not(.running)")).to_have_count(1)
    assert watch.found() == []


def test_a_link_opens_nothing_until_it_is_clicked_twice(
    page: Page, stoa: HostileStoa, watch: Watch
) -> None:
    stoa.standin.answer = "[our bank](https://evil.example/login?q=secret)"
    stoa.begin_conversation(page, "Where?")
    page.locator("article.answer .prose a").click()

    expect(page.locator(".leave-address strong")).to_have_text("evil.example")
    assert watch.found() == []
    with page.expect_request("https://evil.example/**") as asked:
        page.get_by_role("link", name="Go there").click()
    assert "referer" not in asked.value.headers


def test_the_tables_are_as_long_as_promised() -> None:
    assert len(set(SAMPLE)) == 20
    assert len(set(ALL)) >= 200
