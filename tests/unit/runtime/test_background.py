"""Background tasks are held, bounded and closed."""

import asyncio
import logging

import pytest

from runtime.background import Background


async def test_a_failure_is_logged_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("boom")

    background = Background()
    with caplog.at_level(logging.ERROR):
        background.start(fail(), "failing")
        await background.close()

    assert "background task failing failed" in caplog.text


async def test_close_cancels_what_does_not_end() -> None:
    background = Background(grace_seconds=0.01)
    task = background.start(asyncio.Event().wait(), "endless")

    await background.close()

    assert task.cancelled()


async def test_a_full_set_says_so() -> None:
    background = Background(limit=1, grace_seconds=0)
    background.start(asyncio.Event().wait(), "one")

    assert background.is_full

    await background.close()
