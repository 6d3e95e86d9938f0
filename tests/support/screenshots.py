"""`python -m tests.support.screenshots FOLDER`: every page at three widths, light and dark, in both
languages, empty and full, for the eye to judge."""

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FilePayload, Page

from contracts.chat import ModelView
from tests.support.browser import chromium, visitor
from tests.support.gateway_standin_passages import booklet
from tests.support.gateway_standin_usage import a_month_of_calls
from tests.support.journeys import make_key
from tests.support.web_pages import WebOnStandin, web_on_standin

WIDTHS = (390, 820, 1440)
LOOKS: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "en-GB"),
    ("dark", "en-GB"),
    ("light", "zh-CN"),
    ("dark", "zh-CN"),
)
ELSEWHERE = ModelView(
    id="town-guide",
    created=0,
    owned_by="wsp_sparta",
    name="Town guide",
    assistant_id="ast_town",
    description="Streets and squares of a town by the sea",
    starters=["Where is the market?"],
)
EMAIL, PASSWORD = "ada@example.org", "ten characters"
INSTRUCTIONS = "Answer in two or three sentences. Leave out what the files do not say."


def main(folder: Path) -> None:
    """Walk all pages of a fresh installation and of a used one."""
    folder.mkdir(parents=True, exist_ok=True)
    with web_on_standin() as stoa, chromium() as browser:
        for scheme, lang in LOOKS:
            for width in WIDTHS:
                page = visitor(browser, lang=lang, width=width, scheme=scheme)
                stamp = f"{width}-{scheme}-{lang[:2]}"
                doors(page, stoa, folder, stamp)
                page.context.close()
        stoa.standin.claim_token = None
        stoa.standin.add_member(EMAIL, PASSWORD, "Ada Byron")
        stoa.standin.passwords[EMAIL][1].is_operator = True
        paths = [("home-empty", "/"), ("studio-empty", "/studio"), ("chats-empty", "/chat")]
        paths += [("overview-empty", "/admin"), ("cost-empty", "/admin/cost")]
        paths += [("ledger-empty", "/admin/ledger"), ("new", "/studio/new")]
        paths += [("prices", "/admin/prices"), ("limits", "/admin/limits")]
        walk(browser, stoa, folder, paths)
        walk(browser, stoa, folder, furnished(browser, stoa))


def doors(page: Page, stoa: WebOnStandin, folder: Path, stamp: str) -> None:
    """The pages before one is signed in."""
    paths = [("welcome", "/"), ("claim", "/claim?token=x"), ("login", "/login")]
    paths += [("signup", "/signup"), ("forgot", "/forgot")]
    paths += [("reset", "/reset?token=x"), ("confirm", "/confirm?token=x")]
    for name, path in paths:
        page.goto(stoa.base_url + path)
        page.screenshot(path=folder / f"{name}-{stamp}.png", full_page=True)


def walk(browser: Browser, stoa: WebOnStandin, folder: Path, paths: list[tuple[str, str]]) -> None:
    """Each path in every look and width."""
    for scheme, lang in LOOKS:
        page = visitor(browser, lang=lang, scheme=scheme)
        sign_in(page, stoa)
        for name, path in paths:
            page.goto(stoa.base_url + path)
            if name == "conversation":
                page.locator(".source summary").first.click()
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate("scrollTo(0, 0)")
                target = folder / f"{name}-{width}-{scheme}-{lang[:2]}.png"
                page.screenshot(path=target, full_page=True)
        page.context.close()


def sign_in(page: Page, stoa: WebOnStandin) -> None:
    page.goto(f"{stoa.base_url}/login")
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"{stoa.base_url}/")


def furnished(browser: Browser, stoa: WebOnStandin) -> list[tuple[str, str]]:
    """Make things to see; their addresses."""
    page = visitor(browser)
    sign_in(page, stoa)
    for name, line, starter in [
        ("雅典导览", "回答关于雅典卫城和集市的问题", "柱廊是做什么用的？"),
        ("House rules", "What tenants may and must do", "May I keep a cat?"),
        ("The covered walk", "Greek markets and their buildings", "What was a stoa?"),
    ]:
        page.goto(f"{stoa.base_url}/studio/new")
        page.locator("#name").fill(name)
        page.locator("#description").fill(line)
        page.locator("#instructions").fill(INSTRUCTIONS)
        page.locator("[name=starters]").first.fill(starter)
        page.locator(".sheet button").click()
        page.wait_for_selector("#knowledge-body")
        if name != "House rules":
            page.locator("#sharing button").click()
            page.wait_for_selector("#sharing .tag.good")
    edit = page.url.removeprefix(stoa.base_url).partition("#")[0]
    stoa.standin.steps_by_itself = False
    for steps, files in enumerate(
        [["the-covered-walk.pdf", "broken.pdf"], ["集市.docx"], ["x.md"]]
    ):
        page.locator("#files").set_input_files(
            [FilePayload(name=name, mimeType="", buffer=name.encode() * 9000) for name in files]
        )
        page.locator("[data-upload] button").click()
        page.wait_for_selector(f".document:has-text('{files[0]}')")
        for _ in range((5, 3, 0)[steps]):
            stoa.standin.step()
    assistant = edit.rpartition("/")[2]
    page.goto(f"{stoa.base_url}/chat/new?assistant={assistant}")
    page.locator(".starter-chips button").first.click()
    page.wait_for_selector(".sources")
    page.locator("#question").fill("And in winter?\nPlease be short.")
    page.locator("#question").press("Enter")
    page.wait_for_selector(".answer:nth-of-type(4) .sources")
    conversation = page.url.removeprefix(stoa.base_url)
    stoa.standin.elsewhere.append(ELSEWHERE)
    a_month_of_calls(stoa.standin)
    page.goto(f"{stoa.base_url}/account")
    make_key(page, "Night job")
    return [
        ("home", "/"),
        ("studio", "/studio"),
        ("edit", edit),
        ("delete", f"{edit}/delete"),
        ("chat-new", f"/chat/new?assistant={assistant}&draft=true"),
        ("conversation", conversation),
        ("passage", "/chat/passages/psg_walk?start=1000&end=1042"),
        ("page", booklet_quote()),
        ("chats", "/chat"),
        ("account", "/account"),
        ("account-password", "/account/password"),
        ("account-delete", "/account/delete"),
        ("members", "/admin/members"),
        ("overview", "/admin?period=30d"),
        ("cost", "/admin/cost"),
        ("cost-member", "/admin/cost?by=member"),
        ("ledger", "/admin/ledger?member=mem_1"),
        ("ledger-row", f"/admin/ledger/{stoa.standin.ledger[-1].id}"),
        ("own-usage", "/account/usage"),
        ("zone", "/zone"),
        ("missing", "/nothing-here"),
    ]


def booklet_quote() -> str:
    """The address of a quote that runs from the first page of the booklet onto the second."""
    start = booklet()[0].text.index("Its telephone number")
    end = booklet()[0].text.index("for boats of up to ten metres")
    return f"/chat/passages/psg_booklet?start={start}&end={end}#quote"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
