"""A sender that keeps what it is given: for a gateway without workers, and for tests."""

from gateway.outbox.sender import BrokerUnavailable, OutgoingTask


class MemorySender:
    """Remembers tasks. `is_up` False behaves as a broker that is away."""

    def __init__(self) -> None:
        self.sent: list[OutgoingTask] = []
        self.is_up = True

    async def send(self, task: OutgoingTask) -> None:
        """Keep the task."""
        await self.check()
        self.sent.append(task)

    async def check(self) -> None:
        """Raises BrokerUnavailable when told to be away."""
        if not self.is_up:
            raise BrokerUnavailable("The broker is away.")

    async def close(self) -> None:
        """Nothing to let go of."""
