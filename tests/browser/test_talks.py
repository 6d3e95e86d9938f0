"""Talks are trees: edited, answered anew, turned back; in two windows; with scripts and without."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import journeys
from tests.support.browser import visitor
from tests.support.journeys import Plan
from tests.support.web_pages import WebOnStandin

PLAN = Plan("The covered walk", "Be short.")
QUESTION, OTHER = "What was a stoa?", "And a temple?"


@pytest.fixture(params=["page", "plain_page"], ids=["with scripts", "without"])
def chat(request: pytest.FixtureRequest, stoa: WebOnStandin) -> Page:
    """A chatter who has one answer."""
    page: Page = request.getfixturevalue(request.param)
    begin(page, stoa)
    return page


def begin(page: Page, stoa: WebOnStandin) -> None:
    journeys.claim(page, stoa)
    journeys.make_assistant(page, stoa, PLAN)
    journeys.publish(page)
    journeys.open_chat(page)
    journeys.ask(page, QUESTION)


def answered(page: Page) -> None:
    expect(page.locator("article.answer:not(.running)")).to_have_count(
        page.locator("article.answer").count()
    )


def edit(page: Page, text: str) -> None:
    question = page.locator("article.question").last
    question.locator("summary").click()
    question.locator("textarea").fill(text)
    question.locator(".edit button").click()
    expect(page.locator("article.question > p").last).to_have_text(text)
    answered(page)


def test_a_question_is_edited_an_answer_written_anew_and_both_turned_back(chat: Page) -> None:
    edit(chat, OTHER)
    expect(chat.locator(".question .siblings")).to_contain_text("2/2")
    chat.locator(".question .siblings button").first.click()
    expect(chat.locator("article.question > p")).to_have_text(QUESTION)
    chat.locator(".answer .talk-tools .post-button button").click()
    answered(chat)
    expect(chat.locator(".answer .siblings")).to_contain_text("2/2")
    chat.locator(".answer .siblings button").first.click()

    expect(chat.locator(".answer .siblings")).to_contain_text("1/2")
    expect(chat.locator("article.answer")).to_contain_text("Merchants sold there")


def test_a_talk_is_named_put_away_deleted_and_had_back(chat: Page) -> None:
    chat.locator(".keep summary").click()
    chat.locator(".keep [name=title]").fill("Walks")
    chat.locator(".keep [name=new_folder]").fill("Athens")
    chat.locator(".keep-form button").click()
    expect(chat.locator(".keep summary")).to_have_text("Walks")
    chat.locator(".places a[href='/chat'], a[href='/chat']").first.click()
    chat.get_by_role("link", name="Athens").click()
    chat.locator(".row-side button").click()
    expect(chat.locator(".undo-deleted")).to_contain_text("Deleted.")
    chat.locator(".undo-deleted button").click()

    expect(chat.locator("article.question > p")).to_have_text(QUESTION)


def test_the_second_window_is_told_and_shows_its_own_branch(page: Page, stoa: WebOnStandin) -> None:
    begin(page, stoa)
    second = page.context.new_page()
    second.goto(page.url)
    journeys.ask(page, "From the first window?")
    journeys.ask(second, "From the second?")

    expect(second.locator("main")).to_contain_text("went on in another window")
    expect(second.locator("main")).not_to_contain_text("From the first window?")
    second.reload()
    expect(second.locator("article.question > p").last).to_have_text("From the second?")


def test_a_copied_answer_can_be_regenerated_where_it_was_streamed(
    page: Page, stoa: WebOnStandin
) -> None:
    begin(page, stoa)
    journeys.ask(page, OTHER)
    last = page.locator("article.answer").last
    last.locator(".copy").click()
    expect(last.locator(".copy")).to_have_text("Copied")
    last.locator(".talk-tools .post-button button").click()
    answered(page)

    expect(page.locator("article.answer").last.locator(".siblings")).to_contain_text("2/2")


def test_a_copy_is_shared_by_link_read_by_another_member_and_revoked(
    chat: Page, browser: Browser, stoa: WebOnStandin
) -> None:
    stoa.standin.add_member("bob@example.org", journeys.PASSWORD, "Bob")
    chat.locator(".keep summary").click()
    chat.get_by_role("link", name="Share by link").click()
    chat.get_by_role("button", name="Make a link").click()
    link = urlsplit(chat.locator(".key-made code").inner_text()).path
    reader = visitor(browser)
    reader.goto(stoa.base_url + link)  # to the door, and from there to what was shared
    reader.locator("#email").fill("bob@example.org")
    reader.locator("#password").fill(journeys.PASSWORD)
    reader.locator("#password").press("Enter")
    reader.locator(".cite a").first.click()

    expect(reader.locator("article.question")).to_have_text(QUESTION)
    expect(reader.locator(".source-body").first).to_contain_text("A stoa was a covered walk")
    expect(reader.locator("article form, article a[href*='/chat']")).to_have_count(0)
    chat.get_by_role("link", name="Revoke").click()
    chat.get_by_role("button", name="Revoke the link").click()
    expect(chat.get_by_role("button", name="Make a link")).to_be_visible()
    gone = reader.reload()
    assert gone is not None
    assert gone.status == 404
    reader.context.close()


def test_the_same_in_chinese(page: Page, stoa: WebOnStandin) -> None:
    begin(page, stoa)
    page.locator("button[value='zh-Hans']").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    edit(page, "庙宇呢？")

    expect(page.locator(".question summary")).to_have_text("编辑")
    expect(page.locator(".answer .talk-tools").first).to_contain_text("重新生成")
    expect(page.locator(".siblings")).to_contain_text("2/2")
