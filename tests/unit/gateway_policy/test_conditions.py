"""The rules as SQL conditions and as a function say the same, on generated worlds."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contracts.errors import ErrorKind, StoreError
from gateway.accounts.repository import KEYS
from gateway.assistants.repository import ASSISTANTS
from gateway.conversations.repository.sources import CONVERSATIONS
from gateway.db import Database, Transaction
from gateway.knowledge.repository.sources import COLLECTIONS, FILES
from gateway.policy.loading import load
from gateway.policy.refusals import refusal_of
from gateway.policy.repository.conditions import Source, may
from gateway.policy.rules import Asker, allowed
from gateway.policy.words import Action, Verdict
from tests.support.gateway import Databases
from tests.unit.gateway_policy.worlds import World, worlds

SOURCES: tuple[Source[Any], ...] = (ASSISTANTS, COLLECTIONS, FILES, CONVERSATIONS, KEYS)
KINDS = {
    Verdict.HIDDEN: ErrorKind.NOT_FOUND,
    Verdict.FORBIDDEN: ErrorKind.FORBIDDEN,
    Verdict.ALLOWED: None,
}


@pytest.fixture(scope="module")
def empty(databases: Databases) -> str:
    return databases.fresh()


# A world that fails is small enough to read; making it smaller through a database takes minutes.
SLOW = (HealthCheck.too_slow,)
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)


class _Undone(Exception):
    """The world is not kept."""


async def in_world(database_url: str, world: World, check: Any) -> None:
    database = Database(database_url, pool_size=1)
    try:
        async with database.transaction() as tx:
            for batch in world.rows():
                tx.add_all(batch)
                await tx.flush()
            tx.expunge_all()
            await check(tx)
            raise _Undone
    except _Undone:
        pass
    finally:
        await database.close()


def one_of(world: World, number: int) -> Asker:
    askers = list(world.askers())
    return askers[number % len(askers)]


async def seen_by_sql(tx: Transaction, asker: Asker, source: Source[Any]) -> dict[Action, set[str]]:
    conditions = [may(asker, action, source) for action in Action]
    rows = (await tx.execute(select(source.id, *conditions))).all()
    return {
        action: {row[0] for row in rows if row[number + 1]} for number, action in enumerate(Action)
    }


def seen_by_rule(world: World, asker: Asker, source: Source[Any]) -> dict[Action, set[str]]:
    things = list(world.things(source.kind, asker))
    return {
        action: {each.id for each in things if allowed(asker, action, each) is Verdict.ALLOWED}
        for action in Action
    }


@settings(max_examples=25, deadline=None, phases=QUICKLY, suppress_health_check=SLOW)
@given(world=worlds, number=st.integers(0, 17))
def test_lists_hold_exactly_what_the_function_allows(empty: str, world: World, number: int) -> None:
    async def check(tx: Transaction) -> None:
        asker = one_of(world, number)
        for source in SOURCES:
            by_sql = await seen_by_sql(tx, asker, source)

            assert by_sql == seen_by_rule(world, asker, source), (asker, source.kind)

    asyncio.run(in_world(empty, world, check))


@settings(max_examples=10, deadline=None, phases=QUICKLY, suppress_health_check=SLOW)
@given(world=worlds, action=st.sampled_from(Action), number=st.integers(0, 17))
def test_the_door_gives_and_refuses_as_the_function_says(
    empty: str, world: World, action: Action, number: int
) -> None:
    async def check(tx: Transaction) -> None:
        asker = one_of(world, number)
        for source in SOURCES:
            for thing in world.things(source.kind, asker):
                verdict = allowed(asker, action, thing)

                assert await told(tx, asker, action, source, thing.id) is KINDS[verdict]

    asyncio.run(in_world(empty, world, check))


async def told(
    tx: Transaction, asker: Asker, action: Action, source: Source[Any], object_id: str
) -> ErrorKind | None:
    try:
        await load(tx, asker, action, source, object_id)
    except StoreError as error:
        refusal = refusal_of(error)
        assert refusal is not None
        assert (refusal.action, refusal.object_id) == (action, object_id)
        return error.kind
    return None
