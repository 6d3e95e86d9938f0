"""Web, gateway, retrieval and inference, all real, before an engine that a test makes up.

with running_chain(engine_url, folder) as chain:
    chain.base_url, chain.ada, chain.assistant_id
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from pydantic import HttpUrl

from contracts.generation import ModelPrice
from inference.main import build_app as build_inference
from inference.settings import OpenAiSettings, TimeLimits
from inference.settings import Settings as InferenceSettings
from retrieval.main import build_app as build_retrieval
from tests.integration.gateway_chat.places import Place
from tests.support.accounts_stage import aside
from tests.support.browser import visitor
from tests.support.engines import postgres_server
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    found,
    gateway_settings,
    running_gateway,
)
from tests.support.hostile_engine import SECRET, WELL, Case
from tests.support.hostile_watch import Watch
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served
from web.main import build_app as build_web
from web.settings import Settings as WebSettings

TIMES = TimeLimits(first_token_seconds=6, between_tokens_seconds=2, total_seconds=10)
WITHIN_SECONDS = 60.0
PRICE = ModelPrice(
    currency="USD",
    input_per_million="1",
    cached_input_per_million="1",
    output_per_million="1",
    as_of="2026-01-01",
)
PLAIN_ERRORS = (
    "The model failed while answering.",
    "The model refuses this question.",
    "The model does not answer",
    "The model said nothing.",
    "could not be finished",
    "took longer",
)


@dataclass(frozen=True)
class Chain:
    """Everything between a page and its engine."""

    base_url: str
    gateway: RunningGateway
    place: Place
    ada: Person
    assistant_id: str

    def ledger(self) -> int:
        """How many calls have been booked."""
        query = "SELECT count(*) FROM ledger WHERE purpose IN ('chat', 'rewrite')"
        ((rows,),) = aside(lambda: asyncio.run(found(self.gateway.database_url, query)))
        return int(rows)

    def page(self, browser: Browser, person: Person) -> Page:
        """A browser in which somebody is signed in."""
        opened = visitor(browser)
        opened.context.add_cookies(
            [{"name": "test_session", "value": person.token, "url": self.base_url}]
        )
        return opened

    def ask(self, page: Page, assistant_id: str, question: str) -> None:
        """Ask over the page, and wait for the end of the answer."""
        page.goto(f"{self.base_url}/chat/new?assistant={assistant_id}")
        page.locator("#question").fill(question)
        page.locator(".begin button").first.click()
        self.until_answered(page, 1)

    def until_answered(self, page: Page, number: int) -> None:
        """Wait until so many answers have ended."""
        answers = page.locator("article.answer:not(.running)")
        expect(answers).to_have_count(number, timeout=WITHIN_SECONDS * 1_000)


@contextmanager
def running_chain(engine_url: str, folder: Path) -> Iterator[Chain]:
    """Everything, until the block ends."""
    (folder / "key").write_text(SECRET)
    with ExitStack() as all_of_it:
        enter = all_of_it.enter_context
        database_url = aside(Databases(enter(postgres_server())).fresh)
        settings = gateway_settings(database_url, folder, default_model="m")
        engine = OpenAiSettings(
            kind="openai",
            model="m",
            url=HttpUrl(engine_url),
            api_key_file=folder / "key",
            price=PRICE,
        )
        inference = InferenceSettings(engines=(engine,), time=TIMES, shared=settings.shared)
        inference_url = enter(served(build_inference(inference)))
        index = retrieval_settings(folder).model_copy(update={"shared": settings.shared})
        retrieval_url = enter(served(build_retrieval(index)))
        gateway = enter(
            running_gateway(
                database_url,
                folder,
                retrieval_url=retrieval_url,
                inference_url=inference_url,
                settings=settings,
            )
        )
        web = WebSettings(gateway_url=gateway.address, cookie_name="test", shared=settings.shared)
        base_url = enter(served(build_web(web)))
        ada = aside(lambda: gateway.enrol("Ada"))
        _, made = ada.post("/v1/assistants", {"name": "Atlas"})
        ada.post(f"/v1/assistants/{made['id']}/publish")
        place = Place(
            gateway=gateway.address,
            retrieval=retrieval_url,
            inference=inference_url,
            database=database_url,
            shared=settings.shared,
            settings=settings,
        )
        yield Chain(base_url, gateway, place, ada, made["id"])


def check_case(browser: Browser, chain: Chain, name: str, case: Case) -> None:
    """Ask for it, then for a good answer, over the page."""
    page = chain.page(browser, chain.ada)
    watch, booked, begun = Watch(page, chain.base_url), chain.ledger(), time.monotonic()
    chain.ask(page, chain.assistant_id, f"case-{name}")
    took_seconds = time.monotonic() - begun
    written, booked_now = page.locator("main").inner_text(), chain.ledger()
    page.reload()
    kept = page.locator("main").inner_text()
    page.locator("[data-composer]").fill("case-well")
    page.locator("[data-composer]").press("Enter")
    chain.until_answered(page, 2)

    assert watch.found() == []
    assert took_seconds < WITHIN_SECONDS
    for shown in (written, kept):
        if case.shown is None:
            assert any(words in shown for words in PLAIN_ERRORS), shown[:500]
        else:
            assert case.shown in shown
    assert SECRET not in page.content() + written
    assert booked_now - booked == case.rows
    expect(page.locator("article.answer").last).to_contain_text(WELL)
    page.context.close()
