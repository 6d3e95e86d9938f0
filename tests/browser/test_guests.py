"""People without an account: on an assistant's own page, by a link, in a widget."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.assistants import AssistantView, Visibility
from tests.support import journeys
from tests.support.axe import complaints
from tests.support.browser import visitor
from tests.support.gateway_standin_versions import publish_in
from tests.support.serving import served
from tests.support.web_pages import WebOnStandin

KEY = "pk-stoa-shop"
QUESTION = "What was a stoa?"


def opened(page: Page, stoa: WebOnStandin, visibility: Visibility) -> AssistantView:
    """An assistant made over the studio's own pages, published, for those who are meant."""
    journeys.claim(page, stoa)
    plan = journeys.Plan("Guide", "Answer.", [QUESTION], "Knows the agora.")
    assistant_id = journeys.make_assistant(page, stoa, plan).rpartition("/")[2]
    publish_in(stoa.standin, assistant_id, "")
    found = stoa.standin.assistants[assistant_id]
    found.visibility = visibility
    return found


def test_a_visitor_opens_a_public_assistants_page_asks_and_reads_a_cited_answer(
    page: Page, browser: Browser, stoa: WebOnStandin
) -> None:
    slug = opened(page, stoa, Visibility.PUBLIC).slug
    guest = visitor(browser, width=390, scheme="dark")
    guest.goto(f"{stoa.base_url}/with/{slug}")
    expect(guest.locator("h1")).to_have_text("Guide")
    guest.locator("#question").fill("Where did merchants sell?")
    guest.locator("#question").press("Enter")

    expect(guest.locator(".answer .chip-cite").first).to_be_visible()
    guest.locator(".cite a").first.click()
    expect(guest.locator(".source blockquote").first).to_be_visible()
    expect(guest.locator("#answers-left")).to_contain_text("19")
    guest.locator("#question").fill("And in winter?")
    guest.locator("#question").press("Enter")
    expect(guest.locator("article.answer:not(.running)")).to_have_count(2)
    expect(guest.locator("#answers-left")).to_contain_text("18")
    assert complaints(guest) == []
    guest.context.close()


def test_without_scripts_and_in_chinese_it_is_the_same_road(
    page: Page, browser: Browser, stoa: WebOnStandin
) -> None:
    slug = opened(page, stoa, Visibility.PUBLIC).slug
    guest = visitor(browser, scripting=False, lang="zh-CN")
    guest.goto(f"{stoa.base_url}/with/{slug}")
    guest.get_by_role("button", name=QUESTION).click()

    expect(guest.locator(".answer .chip-cite").first).to_be_visible()
    expect(guest.locator("#answers-left")).to_contain_text("今天还可以提问 19 次")
    guest.context.close()


def test_a_link_that_is_revoked_while_a_guest_is_read_to_says_so_at_once(
    page: Page, browser: Browser, stoa: WebOnStandin
) -> None:
    assistant = opened(page, stoa, Visibility.LINK)
    page.goto(f"{stoa.base_url}/studio/{assistant.id}/links")
    page.locator("#name").fill("For friends")
    page.locator("form.fold-form button").click()
    made = page.locator(".key-made code").text_content() or ""
    stoa.standin.word_seconds = 0.5
    guest = visitor(browser)
    guest.goto(stoa.base_url + made.removeprefix("http://web.example"))
    guest.get_by_role("button", name=QUESTION).click()
    expect(guest.locator(".answer.running .streamed")).to_contain_text("stoa")

    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the link").click()

    expect(guest.locator(".answer [role=alert]")).to_contain_text("the link was revoked")
    expect(guest.locator(".answer.running")).to_have_count(0)
    guest.reload()
    expect(guest.locator("h1")).to_have_text("Not found")
    guest.context.close()


def test_a_widget_works_on_the_site_it_is_for_and_is_refused_by_a_third(
    page: Page, browser: Browser, stoa: WebOnStandin
) -> None:
    assistant = opened(page, stoa, Visibility.PUBLIC)
    with foreign_site(stoa.base_url) as shop, foreign_site(stoa.base_url) as third:
        stoa.standin.widgets[KEY] = (assistant.id, [shop])
        guest = visitor(browser, width=390)
        complained: list[str] = []
        guest.on("console", lambda said: complained.append(said.text))
        guest.goto(shop)
        button = guest.get_by_role("button", name="Ask the guide")
        button.click()
        frame = guest.frame_locator("iframe")
        frame.locator("#question").fill("Where did merchants sell?")
        frame.locator("#question").press("Enter")
        expect(frame.locator(".answer .chip-cite").first).to_be_visible()
        expect(frame.locator(".topbar")).to_have_count(0)
        frame.locator("#question").press("Escape")
        expect(guest.locator("iframe")).to_be_hidden()
        expect(button).to_be_focused()
        assert complained == []

        guest.goto(third)
        with guest.expect_console_message(lambda said: "frame-ancestors" in said.text):
            guest.get_by_role("button", name="Ask the guide").click()
        expect(guest.frame_locator("iframe").locator("#question")).to_have_count(0)
        guest.context.close()


@contextmanager
def foreign_site(stoa_url: str) -> Iterator[str]:
    """A page of somebody else's with the widget in it, strict about what it lets in."""
    script = (
        f'<script src="{stoa_url}/widget.js" data-key="{KEY}" data-label="Ask the guide" async>'
    )
    page = (
        f'<!DOCTYPE html><html lang="en"><title>Shop</title><h1>Shop</h1>{script}</script></html>'
    )
    policy = f"default-src 'none'; script-src {stoa_url}; frame-src {stoa_url}"

    async def shop(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", policy.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": page.encode()})

    app: ASGIApp = shop
    with served(app) as address:
        yield address
