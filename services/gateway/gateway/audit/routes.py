"""The audit trail on the public API."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.audit import AuditRow
from contracts.lists import Page
from gateway.audit.repository import AuditFilter
from gateway.audit.service.reading import AuditService
from gateway.paging import Paging
from gateway.signed_in import SignedInByPassword
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin", tags=["admin"])
Audit = Annotated[AuditService, provided(AuditService)]
_LATEST = 32_503_680_000  # the year 3000: a datetime holds it on every system
_Word = Annotated[str | None, Query(max_length=100)]


def _filter(
    refused: bool | None = None,
    action: _Word = None,
    member_id: _Word = None,
    request_id: _Word = None,
    since: Annotated[int | None, Query(alias="from", ge=0, le=_LATEST)] = None,
    until: Annotated[int | None, Query(alias="to", ge=0, le=_LATEST)] = None,
) -> AuditFilter:
    return AuditFilter(
        workspace_id=None,
        is_refusal=refused,
        action=action,
        member_id=member_id,
        request_id=request_id,
        since=None if since is None else datetime.fromtimestamp(since, UTC),
        until=None if until is None else datetime.fromtimestamp(until, UTC),
    )


Wanted = Annotated[AuditFilter, Depends(_filter)]


@router.get("/audit")
async def audit_rows(
    caller: SignedInByPassword, wanted: Wanted, page: Paging, audit: Audit
) -> Page[AuditRow]:
    """Administrative acts and refused requests; for operators, of every workspace."""
    return await audit.rows(replace(wanted, workspace_id=audit.sees(caller)), page)
