"""The store as its builders, readers and counting task use it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from gateway.catalog.service.counting import ListingCounter
from gateway.catalog.tables import ListingPerson
from gateway.db import Database
from tests.support.gateway import Person, RunningGateway, found, written


def listed(person: Person, name: str, **fields: Any) -> str:
    """A public assistant; its slug."""
    status, made = person.post("/v1/assistants", {"name": name, **fields})
    assert status == 200, made
    assert person.post(f"/v1/assistants/{made['id']}/publish")[0] == 200
    assert person.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})[0] == 200
    slug: str = made["slug"]
    return slug


def used(gateway: RunningGateway, person: Person, slug: str, builder: Person) -> None:
    """As after an answer."""
    [(assistant_id,)] = asyncio.run(
        found(gateway.database_url, "SELECT id FROM assistants WHERE slug = :slug", slug=slug)
    )
    now = datetime.now(UTC)
    use = ListingPerson(
        assistant_id=assistant_id,
        member_id=person.member_id,
        workspace_id=person.workspace_id,
        builder_id=builder.member_id,
        first_used_at=now,
        last_used_at=now,
        conversations=1,
        answers=2,
    )
    asyncio.run(written(gateway.database_url, [use]))


def counted(gateway: RunningGateway) -> None:
    """As the counting task does it, now."""

    async def count() -> None:
        database = Database(gateway.database_url, pool_size=1)
        counter = ListingCounter(database, gateway.clock)
        await _until(counter.count)
        await _until(counter.compare)
        await database.close()

    asyncio.run(count())
    gateway.clock.forward(11)


async def _until(step: Callable[[], Awaitable[int]]) -> None:
    for _ in range(5):
        await step()


def slugs(person: Person, **wanted: Any) -> list[str]:
    status, page = person.get("/v1/catalog/listings", **wanted)
    assert status == 200, page
    return [each["slug"] for each in page["data"]]
