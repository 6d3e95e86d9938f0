"""Health answers of every process."""

from pydantic import BaseModel


class CheckResult(BaseModel):
    """One self-test: what was tried, and what went wrong if it did."""

    name: str
    ok: bool
    detail: str = ""


class Readiness(BaseModel):
    """Ready only when every check passed."""

    ready: bool
    checks: list[CheckResult]
