"""Gauges of the gateway, measured when somebody scrapes: jobs, outbox, connections."""

from functools import partial

from contracts.jobs import Stage
from gateway.clock import Clock
from gateway.db import Database
from gateway.knowledge.repository.jobs import JobRepository
from gateway.knowledge.rules import WORKING_STAGES
from gateway.metrics import CONNECTIONS, JOBS, OUTBOX_WAITING, RECONCILIATION_ALARMS
from gateway.outbox.repository import OutboxRepository
from gateway.reconciling.service import ReconcilingService
from runtime.metrics import Gauges


def gauges(database: Database, clock: Clock, reconciling: ReconcilingService) -> Gauges:
    """Three cheap queries, and none more often than every few seconds."""
    return Gauges(
        partial(_jobs, database),
        partial(_outbox, database, clock),
        partial(_connections, database),
        partial(_reconciled, reconciling),
    )


async def _jobs(database: Database) -> None:
    async with database.transaction() as tx:
        counts = await JobRepository(tx).open_by_stage()
    for stage in (Stage.QUEUED, *WORKING_STAGES):
        JOBS.labels(stage.value).set(counts.get(stage.value, 0))


async def _outbox(database: Database, clock: Clock) -> None:
    async with database.transaction() as tx:
        OUTBOX_WAITING.set(await OutboxRepository(tx).count_due(clock()))


async def _connections(database: Database) -> None:
    used, idle = database.connections()
    CONNECTIONS.labels("used").set(used)
    CONNECTIONS.labels("idle").set(idle)


async def _reconciled(reconciling: ReconcilingService) -> None:
    RECONCILIATION_ALARMS.set(await reconciling.alarms() or 0)
