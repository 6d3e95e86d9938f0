"""The store finds what is meant: listings in retrieval's index, with the model that people get."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.clients.retrieval import AsyncIndexClient, RetrievalClient
from contracts.principal import STORE_TENANT, Principal
from gateway.catalog.service.indexing import ListingIndexer
from gateway.catalog.service.meaning import MeaningSearch
from gateway.db import Database
from retrieval.main import build_app
from runtime.outgoing import service_client
from runtime.service_auth import ServiceTokens
from runtime.settings import SharedSettings
from tests.support.gateway import SERVICE_SECRET, Person, RunningGateway, found, running_gateway
from tests.support.models import embedding_model_path
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served
from tests.support.waiting import wait_until
from tests.unit.gateway.storefront import listed, slugs

SLEEPLESS, SLEEPLESS_ZH = "healthy bedtime routine against insomnia", "晚上总是睡不着"
UNIVERSITY, DATABASE_ZH = "which university should I apply to", "数据库查询太慢了"
WRITER = Principal(workspace_id=STORE_TENANT, write=True)


@pytest.fixture(scope="module")
def retrieval(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A retrieval with the real model."""
    folder: Path = tmp_path_factory.mktemp("meanings")
    shared = SharedSettings(service_secret=SecretStr(SERVICE_SECRET), service_secret_file=None)
    more = {"embedding_path": str(embedding_model_path()), "shared": shared}
    with served(build_app(retrieval_settings(folder).model_copy(update=more))) as address:
        yield address


@pytest.fixture
def gateway(database_url: str, tmp_path: Path, retrieval: str) -> Iterator[RunningGateway]:
    with running_gateway(database_url, tmp_path, retrieval_url=retrieval) as running:
        yield running
        with_indexer(running, retrieval, partial(_left, running))


@pytest.fixture
def owl(ada: Person) -> str:
    """An English listing."""
    return listed(ada, "Night owl", description="Habits for better sleep and calmer evenings.")


def with_indexer(
    gateway: RunningGateway,
    retrieval: str,
    work: Callable[[ListingIndexer, AsyncIndexClient], Awaitable[None]],
) -> None:
    """Do something as the indexing task of another gateway."""

    async def done() -> None:
        database = Database(gateway.database_url, pool_size=1)
        sign = ServiceTokens(SERVICE_SECRET.encode(), "gateway").sign
        async with service_client(retrieval, timeout=30) as http:
            client = RetrievalClient(http, partial(sign, "retrieval"))
            await work(ListingIndexer(database, client, gateway.clock), client.writing())
        await database.close()

    asyncio.run(done())


async def _left(gateway: RunningGateway, _indexer: ListingIndexer, index: AsyncIndexClient) -> None:
    """Nothing stays for the next test: what is as near would stand before what that has listed."""
    rows = await found(gateway.database_url, "SELECT assistant_id FROM listing_meanings")
    for (name,) in rows:
        assert await index.purge(WRITER, name) == 0


def indexed(gateway: RunningGateway, retrieval: str) -> None:
    """The index holds what is listed, and nothing else."""

    async def work(indexer: ListingIndexer, _index: AsyncIndexClient) -> None:
        while await indexer.catch_up():
            pass

    query = (
        "SELECT count(*) FROM listing_meanings m FULL JOIN (SELECT id FROM assistants"
        " WHERE visibility = 'public') a ON a.id = m.assistant_id"
        " WHERE a.id IS NULL OR m.looked_at IS NULL"
    )
    with_indexer(gateway, retrieval, work)
    # The gateway's own task may be at one of them.
    wait_until(
        lambda: asyncio.run(found(gateway.database_url, query)) == [(0,)],
        seconds=60,
        what="the index holds what is listed",
    )
    gateway.clock.forward(2)


def held(gateway: RunningGateway, retrieval: str, assistant_id: str) -> int:
    counts = []

    async def work(_indexer: ListingIndexer, index: AsyncIndexClient) -> None:
        counts.append(await index.count(WRITER, assistant_id))

    with_indexer(gateway, retrieval, work)
    return counts[0]


def shows(person: Person, expected: list[str], **wanted: Any) -> bool:
    """Whether a search comes to that: on a busy machine the first may be left to the words."""
    return wait_until(
        lambda: slugs(person, **wanted) == expected, seconds=10, what=f"{wanted} to show {expected}"
    )


def id_of(person: Person, slug: str) -> str:
    _, assistant = person.get(f"/v1/assistants/{slug}")
    found_id: str = assistant["id"]
    return found_id


def test_a_question_finds_what_is_meant_in_either_language(
    gateway: RunningGateway, retrieval: str, ada: Person, bob: Person, owl: str
) -> None:
    doctor = listed(ada, "Query doctor", description="Makes slow SQL queries fast.")
    advisor = listed(
        ada,
        "志愿填报顾问",
        description="根据高考分数推荐大学和专业。",
        starters=["600分能上什么学校？"],
    )
    gateway.clock.forward(2)
    questions = [SLEEPLESS, SLEEPLESS_ZH, UNIVERSITY, DATABASE_ZH, "who won the election in Brazil"]
    by_words = [slugs(bob, query=each) for each in questions]
    indexed(gateway, retrieval)

    assert by_words == [[], [], [], [], []]
    for question, meant in zip(questions, [[owl], [owl], [advisor], [doctor], []], strict=True):
        assert shows(bob, meant, query=question)


def test_what_words_found_stays_first_and_pages_follow_one_order(
    gateway: RunningGateway, retrieval: str, ada: Person, bob: Person, owl: str
) -> None:
    films = listed(
        ada,
        "黑夜电影指南",
        description="为影迷介绍恐怖片和悬疑片的导演、演员与拍摄故事。",
        tags=["bedtime", "insomnia", "routine"],
    )
    indexed(gateway, retrieval)

    def pages() -> list[tuple[str, bool]]:
        path, wanted = "/v1/catalog/listings", {"query": SLEEPLESS, "limit": 1}
        _, first = bob.get(path, **wanted)
        _, second = bob.get(path, **wanted, after=first["last_id"])
        return [
            (each["slug"], page["has_more"]) for page in (first, second) for each in page["data"]
        ]

    assert shows(bob, [films, owl], query=SLEEPLESS)
    assert shows(bob, [], query=SLEEPLESS, category="work")
    assert shows(bob, [films], query=SLEEPLESS, sort="new")
    wait_until(lambda: pages() == [(films, True), (owl, False)], seconds=10, what="both pages")


def test_what_is_withdrawn_is_not_found_and_leaves_the_index(
    gateway: RunningGateway, retrieval: str, ada: Person, bob: Person, owl: str
) -> None:
    indexed(gateway, retrieval)
    name = id_of(ada, owl)
    assert shows(bob, [owl], query=SLEEPLESS)
    before = held(gateway, retrieval, name)
    ada.put(f"/v1/assistants/{owl}/sharing", {"visibility": "private"})
    at_once = slugs(bob, query=SLEEPLESS)
    indexed(gateway, retrieval)

    assert before == 1
    assert at_once == slugs(bob, query=SLEEPLESS) == []
    assert held(gateway, retrieval, name) == 0


def test_what_was_published_anew_is_found_by_what_it_says_now(
    gateway: RunningGateway, retrieval: str, ada: Person, bob: Person, owl: str
) -> None:
    indexed(gateway, retrieval)
    said = {"name": "志愿填报顾问", "description": "根据高考分数推荐大学和专业。"}
    ada.post(f"/v1/assistants/{owl}", said)
    assert ada.post(f"/v1/assistants/{owl}/publish")[0] == 200
    assert shows(bob, [owl], query=SLEEPLESS)
    indexed(gateway, retrieval)

    assert shows(bob, [owl], query=UNIVERSITY)
    assert shows(bob, [], query=SLEEPLESS)


def test_an_emptied_index_is_filled_again(
    gateway: RunningGateway, retrieval: str, ada: Person, bob: Person, owl: str
) -> None:
    indexed(gateway, retrieval)
    name = id_of(ada, owl)

    async def emptied(indexer: ListingIndexer, index: AsyncIndexClient) -> None:
        assert await index.purge(WRITER, name) == 0
        gateway.clock.forward(120)
        await indexer.look()

    with_indexer(gateway, retrieval, emptied)
    indexed(gateway, retrieval)

    assert shows(bob, [owl], query=SLEEPLESS)


async def test_a_retrieval_that_says_nothing_has_found_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with service_client(address, timeout=600) as http, asyncio.timeout(60):
            search = MeaningSearch(RetrievalClient(http, lambda _: "token"))

            assert await search.meant(SLEEPLESS) == ()
