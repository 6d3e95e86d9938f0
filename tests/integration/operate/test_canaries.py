"""After a real upload and real questions: no secret in any store, and texts only where they belong.

The logs and traces of the same road are looked at by the tests beside this one (T20).
"""

import asyncio

import httpx2
import pytest
from redis import Redis

from gateway.schema import METADATA
from laptop.valkey import ValkeyServer
from tests.integration.operate.road import Road
from tests.support.gateway import found
from tests.support.processes import WEB_MODULES, Five

OWN_TEXTS = {"conversations", "messages", "passages"}
"""Tables that are there to hold what people wrote and what their documents say."""


def _said(broker: Redis, key: str) -> str:
    """Everything under a key."""
    kind = str(broker.type(key))
    if kind == "string":
        return str(broker.get(key))
    if kind == "list":
        return repr(broker.lrange(key, 0, -1))
    if kind == "hash":
        return repr(broker.hgetall(key))
    if kind == "set":
        return repr(broker.smembers(key))
    if kind == "zset":
        return repr(broker.zrange(key, 0, -1, withscores=True))
    assert kind == "stream", f"{key}: {kind}"
    return repr(broker.xrange(key))


@pytest.fixture(scope="module")
def kept(valkey: ValkeyServer, road: Road) -> dict[str, tuple[str, int]]:
    """key of the broker -> what is there, and for how many seconds more."""
    del road  # travelled first
    with Redis.from_url(valkey.address(), decode_responses=True) as broker:
        return {key: (_said(broker, key), broker.ttl(key)) for key in broker.scan_iter()}


def test_no_secret_is_in_the_broker(kept: dict[str, tuple[str, int]], road: Road) -> None:
    everything = repr(kept)

    assert kept
    assert [secret for secret in road.secrets if secret in everything] == []


def test_texts_are_in_the_broker_only_as_streams_that_end_by_themselves(
    kept: dict[str, tuple[str, int]], road: Road
) -> None:
    holding = {
        key: seconds
        for key, (said, seconds) in kept.items()
        if any(text in said for text in (*road.texts, "Okonkwo-Vane"))
    }

    assert all(key.startswith("stoa:turn:") and seconds > 0 for key, seconds in holding.items()), (
        holding
    )


def test_no_secret_is_in_any_table_and_texts_only_in_their_own(migrated: str, road: Road) -> None:
    secrets, texts = {}, set()
    for table in METADATA.sorted_tables:
        rows = asyncio.run(found(migrated, f"SELECT t::text FROM {table.name} t"))  # noqa: S608
        said = "\n".join(row[0] for row in rows)
        secrets[table.name] = [secret[:6] for secret in road.secrets if secret in said]
        if any(text in said for text in (*road.texts, "Okonkwo-Vane")):
            texts.add(table.name)

    assert {name: found_ for name, found_ in secrets.items() if found_} == {}
    assert texts <= OWN_TEXTS
    assert "messages" in texts


@pytest.mark.parametrize("process", [*WEB_MODULES, "worker"])
def test_no_metric_holds_a_secret_or_a_text(five: Five, road: Road, process: str) -> None:
    worker = f"http://127.0.0.1:{five.environment['INGEST_METRICS_PORT']}"
    address = worker if process == "worker" else five.address(process)
    said = httpx2.get(f"{address}/metrics", timeout=10).text

    assert "# TYPE" in said
    assert [word for word in (*road.secrets, *road.texts, "Okonkwo-Vane") if word in said] == []


@pytest.mark.parametrize("process", [*WEB_MODULES, "worker"])
def test_no_log_holds_a_text(five: Five, road: Road, process: str) -> None:
    said = five.log(process)

    assert [text for text in (*road.texts, "Okonkwo-Vane") if text in said] == []
    assert said.replace("\n", "").isprintable()
