"""What moderators find in the cities: a report that waits, and an assistant out of the store."""

import asyncio
from datetime import UTC, datetime

from contracts.ids import new_id
from gateway.moderation.tables import Case, Takedown
from tests.support.gateway import Person, RunningGateway, found, written


def reported(gateway: RunningGateway, assistant_id: str) -> str:
    """A case that somebody from a third city has opened."""
    slug = "SELECT slug FROM assistants WHERE id = :id"
    [(name,)] = asyncio.run(found(gateway.database_url, slug, id=assistant_id))
    reporter = gateway.enrol(f"Reporter-{assistant_id}")
    path = f"/v1/catalog/listings/{name}/reports"
    assert reporter.post(path, {"reason": "spam"})[0] == 200
    query = "SELECT id FROM report_cases WHERE assistant_id = :id"
    [(case_id,)] = asyncio.run(found(gateway.database_url, query, id=assistant_id))
    return str(case_id)


def taken_down(gateway: RunningGateway, operator: Person, assistant_id: str) -> None:
    """As after a judgement, so that there is something to answer. The assistant itself is not
    marked: its doors have to open for the guests of the table."""
    row = Takedown(
        id=new_id("tkd_"),
        assistant_id=assistant_id,
        words="It misleads.",
        taken_by=operator.member_id,
    )
    case = Case(id=new_id("case_"), assistant_id=assistant_id, words=row.words)
    case.outcome, case.closed_at, case.closed_by = "taken_down", datetime.now(UTC), row.taken_by
    asyncio.run(written(gateway.database_url, [row, case]))
