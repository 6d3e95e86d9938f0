"""The store at 10,000 listings and a million ratings: shelves, search, a listing, over HTTP.

`python bench/store.py [--json] [--listings 10000] [--members 20000] [--requests 100] [--model
FOLDER]`: an embedded PostgreSQL is filled by itself; every member rates the same twenty listings
and thirty others. All are counted, some compared and some put into the index of meanings as the
gateway's tasks do it; clustered vectors stand for the other meanings. Then a gateway answers a
member, beside a retrieval that embeds each whole question anew. Some minutes, and 2 GB of disk.
"""

import argparse
import asyncio
import json
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import numpy as np
from sqlalchemy import text

from contracts.clients.retrieval import SERVICE, RetrievalClient
from contracts.passages import (
    EmbeddingRequest,
    EmbeddingStamp,
    PassageBatch,
    PassageVector,
    Reveal,
)
from contracts.principal import STORE_TENANT, Principal
from gateway.catalog.rules.meaning import SHELVES
from gateway.catalog.service.counting import ListingCounter
from gateway.catalog.service.indexing import ListingIndexer, collection_of
from gateway.db import Database
from gateway.migrate import migrate
from money import WARMING, figures, gateway, operator_token, postgres, swept
from runtime.service_auth import ServiceTokens
from search import BATCH, CLUSTERS, MODEL, clustered, served, unit

WORKSPACES, BUILDERS = 40, 2_000
POPULAR, ROUNDS = 20, 30
COMPARED_BATCHES, INDEXED_BATCHES = 5, 20
NOUNS = "atlas tax garden recipe contract travel history physics school letter".split()  # noqa: SIM905
KINDS = "guide planner coach helper tutor checker writer reader finder editor".split()  # noqa: SIM905
CHINESE = ["合同", "旅行", "历史", "物理", "写作", "税务", "菜谱", "学习", "健康", "编程"]

SEED = (
    "INSERT INTO workspaces (id, name) SELECT 'wsp_' || n, 'W' || n"
    " FROM generate_series(0, :workspaces - 1) n",
    "INSERT INTO members (id, email, name, password_hash, is_operator, created_at)"
    " SELECT 'mem_' || n, n || '@example.org', 'Member ' || n, 'x', n = 0,"
    " now() - interval '30 days' FROM generate_series(0, :members - 1) n",
    "INSERT INTO memberships (workspace_id, member_id, power)"
    " SELECT 'wsp_' || n % :workspaces, 'mem_' || n, 'member'"
    " FROM generate_series(0, :members - 1) n",
    "INSERT INTO assistants (id, workspace_id, owner_id, slug, draft, visibility,"
    " published_version, published_at)"
    " SELECT 'ast_' || n, 'wsp_' || n % :builders % :workspaces, 'mem_' || n % :builders,"
    " 'listing-' || n, '{}', 'public', 1, now() - interval '1 minute' * n"
    " FROM generate_series(0, :listings - 1) n",
    "INSERT INTO assistant_versions (assistant_id, version, definition, epochs, created_by)"
    " SELECT 'ast_' || n, 1, jsonb_build_object("
    " 'name', CASE WHEN n % 3 = 0 THEN (cast(:chinese AS text[]))[1 + n % 10] || '助手 ' || n"
    " ELSE initcap((cast(:nouns AS text[]))[1 + n % 10]) || ' '"
    " || (cast(:kinds AS text[]))[1 + n / 10 % 10] || ' ' || n END,"
    " 'description', 'Helps with ' || (cast(:nouns AS text[]))[1 + n / 7 % 10] || ', '"
    " || md5(n::text) || ', for everybody who asks.',"
    " 'instructions', (SELECT string_agg(translate(md5((n * 100 + k)::text),"
    " '0123456789', 'ghijklmnop'), ' ')"
    " FROM generate_series(1, 60) k),"
    " 'category', 'learning', 'tags', jsonb_build_array((cast(:kinds AS text[]))[1 + n % 10])),"
    " '{}', 'mem_' || n % :builders FROM generate_series(0, :listings - 1) n",
    "INSERT INTO listing_people SELECT 'ast_' || a, 'mem_' || m, 'wsp_' || m % :workspaces,"
    " 'mem_' || a % :builders, now() - interval '1 day' * (m % 60),"
    " now() - interval '1 day' * (m % 40), 1, 1 + m % 5 FROM ("
    " SELECT a, m FROM generate_series(0, :popular - 1) a, generate_series(0, :members - 1) m"
    " UNION ALL SELECT :popular + (m * 31 + k * 197) % (:listings - :popular), m"
    " FROM generate_series(0, :rounds - 1) k, generate_series(0, :members - 1) m) pairs",
    "INSERT INTO ratings (id, assistant_id, member_id, stars, review)"
    " SELECT 'rtg_' || row_number() OVER (), assistant_id, member_id,"
    " 1 + (hashtext(assistant_id) % 3 + 3 + hashtext(member_id) % 3 + 3) % 5,"
    " CASE WHEN hashtext(member_id) % 4 = 0 THEN 'It answers what I ask.' ELSE '' END"
    " FROM listing_people",
)
# Comparing ten thousand takes a quarter of an hour, beside which nobody would be measured.
PRINTS = (
    "INSERT INTO listing_prints (assistant_id, version, sketch, bands, is_short, files, since)"
    " SELECT id, 1, array_agg(k), array_agg(hashtext(id || k)::bigint), false, '{}', now()"
    " FROM assistants, generate_series(1, 64) k GROUP BY id ON CONFLICT DO NOTHING"
)
# As with prints; later than any look, which would find that the index holds none of these.
MEANINGS = (
    "INSERT INTO listing_meanings (assistant_id, version, digest, shelf, looked_at)"
    " SELECT id, 1, 'bench', 'latin', now() + interval '1 day' FROM assistants"
    " ON CONFLICT (assistant_id) DO UPDATE SET looked_at = excluded.looked_at"
)
QUESTIONS = {
    "who one is": "../me",
    "the front": "shelves",
    "top": "listings?sort=top",
    "trending": "listings?sort=trending",
    "new, a late page": "listings?sort=new&limit=100&after=5000.x",
    "a word": "listings?query=garden",
    "two words": "listings?query=physics+tutor",
    "unfinished": "listings?query=phys",
    "mistyped": "listings?query=gradne+plannre",
    "Chinese": "listings?query=合同助手",
    "a whole question": "listings?query=who+helps+me+with+beds+and+seeds+in+week+{n}",
    "a Chinese question": "listings?query=第{n}周租房合同里该注意什么",
    "a popular listing": "listings/listing-3",
    "its reviews": "listings/listing-3/reviews",
    "a builder": "builders/{handle}",
}


async def fill(database: Database, options: argparse.Namespace) -> None:
    """Everything, references unchecked."""
    values = {
        "workspaces": WORKSPACES,
        "members": options.members,
        "builders": BUILDERS,
        "listings": options.listings,
        "popular": POPULAR,
        "rounds": ROUNDS,
        "nouns": NOUNS,
        "kinds": KINDS,
        "chinese": CHINESE,
    }
    async with database.transaction() as tx:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.execute(text("SET LOCAL statement_timeout = 0"))
        await tx.execute(text("SET LOCAL work_mem = '256MB'"))
        await tx.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in SEED:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            await tx.execute(text(statement), named)


async def counted(database: Database) -> dict[str, float]:
    """Seconds until every listing is counted, and milliseconds that comparing one takes."""
    counter, began = ListingCounter(database), time.perf_counter()
    while await counter.count():
        pass
    mid = time.perf_counter()
    compared = sum([await counter.compare() for _ in range(COMPARED_BATCHES)])
    each = (time.perf_counter() - mid) * 1000 / compared
    return {"counting_seconds": mid - began, "comparing_ms": each}


def asked(address: str, token: str, requests: int) -> dict[str, Any]:
    """Milliseconds of each question; of the first one after the start alone, too."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=f"{address}/v1/catalog/", headers=headers, timeout=120) as http:
        began = time.perf_counter()
        handle = http.get("listings/listing-3").raise_for_status().json()["builder"]["handle"]
        found: dict[str, Any] = {"first_answer_ms": (time.perf_counter() - began) * 1000}
        # The first question of all is what any call costs here, whatever it asks for.
        for name, path in QUESTIONS.items():
            times = []
            for n in range(requests + WARMING):
                began = time.perf_counter()
                http.get(path.format(handle=handle, n=n)).raise_for_status()
                times.append((time.perf_counter() - began) * 1000)
            found[name] = figures(times[WARMING:])
    return found


class Retrieval(NamedTuple):
    """A retrieval that runs, and who asks it."""

    address: str
    secret: str
    client: RetrievalClient


@asynccontextmanager
async def retrieval(folder: Path, model: Path) -> AsyncIterator[Retrieval]:
    """One with the model of the installation and an index without a passage."""
    secret = secrets.token_hex(32)
    sign = partial(ServiceTokens(secret.encode(), "gateway").sign, SERVICE)
    with served(folder / "index", model, secret) as (address, _):
        async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
            yield Retrieval(address, secret, RetrievalClient(http, sign))


async def indexed(database: Database, client: RetrievalClient, listings: int) -> float:
    """Milliseconds that one listing takes as the gateway's task does it; then as many vectors as
    there are listings, in both collections, stand in the index."""
    indexer, done, began = ListingIndexer(database, client), 0, time.perf_counter()
    for _ in range(INDEXED_BATCHES):
        done += await indexer.catch_up()
    each = (time.perf_counter() - began) * 1000 / done
    writer = Principal(workspace_id=STORE_TENANT, write=True)
    known = await client.embed(writer, EmbeddingRequest(texts=["a listing"], kind="passage"))
    for number, vectors in enumerate(meanings(listings, known.stamp)):
        batch = batch_of(number, vectors, known.stamp)
        await client.writing().put(writer, batch)
        await client.writing().reveal(
            writer, Reveal(document_version_id=batch.document_version_id, from_epoch=1)
        )
    async with database.transaction() as tx:
        await tx.execute(text(MEANINGS))
    return each


def meanings(count: int, stamp: EmbeddingStamp) -> list[list[list[float]]]:
    """So many vectors, a batch at a time."""
    dice = np.random.default_rng(20_261_123)
    centres = unit(dice.normal(size=(CLUSTERS, stamp.dimension)))
    found: list[list[float]] = clustered(count, dice, centres).tolist()
    return [found[start : start + BATCH] for start in range(0, count, BATCH)]


def batch_of(number: int, vectors: list[list[float]], stamp: EmbeddingStamp) -> PassageBatch:
    """Each third of them is Chinese, as the listings are."""
    shelf = SHELVES[1] if number % 3 == 0 else SHELVES[0]
    passages = [
        PassageVector(passage_id=f"bench-{number}-{index}", index=index, vector=vector)
        for index, vector in enumerate(vectors)
    ]
    return PassageBatch(
        stamp=stamp,
        collection_id=collection_of(shelf),
        document_id=f"bench-{number}",
        document_version_id=f"bench-{number}",
        passages=passages,
    )


async def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Everything, in a database of its own."""
    with postgres(folder) as server:
        await migrate(server.address())
        database = Database(server.address())
        try:
            began = time.perf_counter()
            await fill(database, options)
            filled = time.perf_counter() - began
            await swept(server.address())
            ready = await counted(database)
            async with database.transaction() as tx:
                await tx.execute(text(PRINTS))
                ratings = (await tx.execute(text("SELECT count(*) FROM ratings"))).scalar_one()
            token = await operator_token(database)
            async with retrieval(folder, options.model.resolve()) as beside:
                ready["indexing_ms"] = await indexed(database, beside.client, options.listings)
                with gateway(server.address(), folder, beside.address, beside.secret) as address:
                    answers = await asyncio.to_thread(asked, address, token, options.requests)
        finally:
            await database.close()
    return {"ratings": ratings, "fill_seconds": filled, **ready, "answers": answers}


def main() -> None:
    """Run once in a temporary folder and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--listings", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    if not options.model.is_dir():
        parser.error(f"there is no model in {options.model}: `make models DO=fetch`, or --model")
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        found = asyncio.run(measure(Path(folder), options))
    machine = {"cores": os.cpu_count(), "load": [load_before, os.getloadavg()[0]]}
    found = {"machine": machine, **found}
    print(json.dumps(found, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
