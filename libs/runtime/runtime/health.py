"""Liveness and readiness. Ready means: the self-tests passed, not that ports are open."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from contracts.errors import StoreError
from contracts.health import CheckResult, Readiness
from runtime.provide import provided

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]


class SelfTests:
    """Named checks; each raises to say what is wrong, and has a deadline."""

    def __init__(self, checks: Mapping[str, Check], timeout_seconds: float = 20) -> None:
        self._checks = checks
        self._timeout_seconds = timeout_seconds

    async def run(self) -> Readiness:
        """Run all checks side by side."""
        results = await asyncio.gather(
            *(self._one(name, check) for name, check in self._checks.items())
        )
        return Readiness(ready=all(result.ok for result in results), checks=list(results))

    async def _one(self, name: str, check: Check) -> CheckResult:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await check()
        except TimeoutError:
            return CheckResult(name=name, ok=False, detail="no answer in time")
        except StoreError as error:
            return CheckResult(name=name, ok=False, detail=error.message)
        except Exception as error:  # a self-test reports every failure, whatever it is
            log.warning("self-test %s failed", name, exc_info=error)
            return CheckResult(name=name, ok=False, detail=type(error).__name__)
        return CheckResult(name=name, ok=True)


_ENDING = Readiness(
    ready=False, checks=[CheckResult(name="process", ok=False, detail="It is being stopped.")]
)

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"model": Readiness, "description": "Not ready, and why"}
}


@router.get("/ready", responses=_NOT_READY)
async def ready(
    request: Request, response: Response, tests: Annotated[SelfTests, provided(SelfTests)]
) -> Readiness:
    """The process can do its work; 503 and the reasons otherwise."""
    readiness = _ENDING if request.state.stopping.is_asked else await tests.run()
    if not readiness.ready:
        response.status_code = 503
    return readiness
