"""Sends tasks to Celery workers by name; the only place of the gateway that knows Celery."""

import asyncio

from celery import Celery
from kombu.exceptions import OperationalError

from gateway.outbox.sender import BrokerUnavailable, OutgoingTask

SOCKET_SECONDS = 2


class CelerySender:
    """Puts JSON messages on the queues of Redis or Valkey."""

    def __init__(self, redis_url: str) -> None:
        self._app = Celery("stoa-gateway", broker=redis_url, set_as_current=False)
        self._app.conf.update(
            task_serializer="json",
            accept_content=["json"],
            task_ignore_result=True,
            broker_connection_timeout=SOCKET_SECONDS,
            broker_transport_options={
                "socket_timeout": SOCKET_SECONDS,
                "socket_connect_timeout": SOCKET_SECONDS,
                # kombu tries a hundred times by default, while the outbox row waits locked.
                "max_retries": 0,
            },
        )

    async def send(self, task: OutgoingTask) -> None:
        """Publish the task, in a thread: the client blocks."""
        await asyncio.to_thread(self._send, task)

    async def check(self) -> None:
        """Reach the broker."""
        await asyncio.to_thread(self._check)

    async def close(self) -> None:
        """Close the pooled connections."""
        await asyncio.to_thread(self._app.close)

    def _send(self, task: OutgoingTask) -> None:
        try:
            self._app.send_task(
                task.name,
                kwargs=task.payload,
                task_id=task.id,
                queue=task.queue,
                expires=task.expires_seconds,
                headers=dict(task.carried),
                retry=False,
            )
        except (OperationalError, OSError) as error:
            raise BrokerUnavailable("The broker does not answer.") from error

    def _check(self) -> None:
        try:
            with self._app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=SOCKET_SECONDS)
        except (OperationalError, OSError) as error:
            raise BrokerUnavailable("The broker does not answer.") from error
