"""Messages that leave with a commit: written by a transaction, sent by the relay after it."""

import asyncio
import logging
from datetime import datetime, timedelta

from contracts.ids import new_id
from contracts.tasks import TaskMessage
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction
from gateway.metrics import OUTBOX_SENT
from gateway.outbox.repository import OutboxRepository
from gateway.outbox.sender import BrokerUnavailable, OutgoingTask, TaskSender
from gateway.outbox.tables import OutboxMessage
from runtime.carrying import carried

log = logging.getLogger(__name__)

BATCH = 50
POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
_CARRIED = "carried"
"""Beside the arguments of a message: which request asked for it. No argument has this name."""
KEEP_SENT = timedelta(days=1)


class Outbox:
    """The outbox of one transaction: what is put leaves if, and only if, it commits."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, message: TaskMessage, not_before: datetime | None = None) -> None:
        """Have a task sent after the commit, at a given time or at once."""
        OutboxRepository(self._tx).add(
            OutboxMessage(
                id=new_id("out_"),
                name=message.name,
                queue=message.queue,
                payload=message.model_dump(mode="json") | {_CARRIED: carried()},
                expires_seconds=message.expires_seconds,
                not_before=not_before,
            )
        )

    async def forget_sent(self, now: datetime) -> None:
        """Keep a day of sent messages for whoever looks into a failure."""
        await OutboxRepository(self._tx).forget_sent(now - KEEP_SENT)


class Bell:
    """Rung after a commit that put something, so that the relay need not wait for its next look."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There may be something to send."""
        self._rung.set()

    async def heard(self, seconds: float) -> None:
        """Wait for a ring, no longer than `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


class OutboxRelay:
    """Moves messages from the outbox to the broker. Several relays share the work."""

    def __init__(
        self, database: Database, sender: TaskSender, bell: Bell, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._sender = sender
        self._bell = bell
        self._clock = clock

    async def run(self) -> None:
        """Send until cancelled. A broker or database that is away is waited for."""
        pause_seconds = POLL_SECONDS
        while True:
            try:
                sent = await self.send_due()
                pause_seconds = POLL_SECONDS
                if sent == BATCH:
                    continue
            except BrokerUnavailable:
                pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
                log.warning("the broker is away; messages wait in the outbox")
            except Exception:  # whatever it was, a dead relay would be worse
                pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
                log.exception("the outbox could not be read")
            await self._bell.heard(pause_seconds)

    async def send_due(self) -> int:
        """Send one batch and say how many went. Raises BrokerUnavailable at the first failure.

        The rows stay locked while they are sent, so that each is sent by one relay; a crash in
        between sends a message twice, which every task bears.
        """
        unavailable: BrokerUnavailable | None = None
        sent = 0
        async with self._database.transaction() as tx:
            for message in await OutboxRepository(tx).due(self._clock(), BATCH):
                message.attempts += 1
                try:
                    await self._sender.send(_outgoing(message))
                except BrokerUnavailable as error:
                    unavailable = error
                    break
                message.sent_at = self._clock()
                OUTBOX_SENT.labels(message.name).inc()
                sent += 1
        if unavailable is not None:
            raise unavailable
        return sent


def _outgoing(message: OutboxMessage) -> OutgoingTask:
    # Read as if it were not there: rows of an older version have none.
    payload = {name: value for name, value in message.payload.items() if name != _CARRIED}
    return OutgoingTask(
        id=message.id,
        name=message.name,
        queue=message.queue,
        payload=payload,
        expires_seconds=message.expires_seconds,
        carried=message.payload.get(_CARRIED, {}),
    )
