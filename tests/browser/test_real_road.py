"""The whole road in the browser on the real Stoa: real engines, real model, ten real documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import documents, journeys
from tests.support.browser import visitor
from tests.support.journeys import Plan
from tests.support.stack import Stack, running_stack

# A cold prompt on two busy cores takes most of a minute; the first test waits for ten documents.
PATIENCE_MS = 240_000
pytestmark = pytest.mark.timeout(900)
PLAN = Plan("Harbour office", "You answer questions about the harbour of Lindwick.", ["Fees?"])


@dataclass(frozen=True)
class RealStoa:
    """A running stack, as the journeys want it."""

    stack: Stack

    @property
    def base_url(self) -> str:
        return self.stack.web

    @property
    def claim_url(self) -> str:
        return self.stack.claim_link


@pytest.fixture(scope="module")
def real_stoa() -> Iterator[RealStoa]:
    with running_stack() as stack:
        yield RealStoa(stack)


@pytest.fixture(scope="module")
def operator(browser: Browser, real_stoa: RealStoa) -> Iterator[Page]:
    """An operator who has claimed the installation, with scripting."""
    page = visitor(browser)
    journeys.claim(page, real_stoa)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def chat_address(operator: Page, real_stoa: RealStoa) -> str:
    """The chat of a published assistant that has read a document of each kind and language."""
    journeys.make_assistant(operator, real_stoa, PLAN)
    everything = documents.all_documents()
    files = [
        {"name": each.name, "mimeType": "application/octet-stream", "buffer": each.content}
        for each in everything
    ]
    journeys.upload(operator, files)  # type: ignore[arg-type]  # a TypedDict spelt out
    journeys.wait_until_ready(operator, [each.name for each in everything], PATIENCE_MS)
    journeys.publish(operator)
    journeys.open_chat(operator)
    return operator.url


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What does a berth for one night cost?", "en"),
        ("夜间泊位费是多少?", "zh"),
    ],
)
def test_an_answer_cites_words_that_stand_in_the_document(
    operator: Page, chat_address: str, question: str, language: str
) -> None:
    operator.goto(chat_address)
    journeys.ask(operator, question, PATIENCE_MS)

    quote = journeys.open_first_citation(operator)
    story = documents.ENGLISH if language == "en" else documents.CHINESE
    told = re.sub(r"\s+", "", documents.plain_text(story))
    assert re.sub(r"\s+", "", quote) in told
    expect(operator.locator("article.answer").last.locator(".source").first).to_be_visible()


def test_a_reload_keeps_the_conversation(operator: Page, chat_address: str) -> None:
    operator.goto(chat_address)
    answer = journeys.ask(operator, "When is the fee for a berth due?", PATIENCE_MS)

    operator.reload()

    expect(operator.locator("article.answer").last.locator(".prose")).to_have_text(answer)


def test_the_road_works_without_scripting(
    browser: Browser, chat_address: str, real_stoa: RealStoa
) -> None:
    page = visitor(browser, scripting=False)
    journeys.sign_in(page, real_stoa)
    page.goto(chat_address)

    answer = journeys.ask(page, "What does a berth for one night cost?", PATIENCE_MS)

    assert answer.strip()
    page.context.close()


def test_every_answer_is_in_the_ledger(
    operator: Page, chat_address: str, real_stoa: RealStoa
) -> None:
    operator.goto(chat_address)
    journeys.ask(operator, "What does a berth for one night cost?", PATIENCE_MS)

    operator.goto(f"{real_stoa.base_url}/admin/ledger")

    expect(operator.locator("main")).to_contain_text("qwen2.5-coder-0.5b-instruct")
    expect(operator.locator("main")).to_contain_text(PLAN.name)
