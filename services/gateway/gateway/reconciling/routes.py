"""Reconciliations on the public API, for operators."""

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.reconciling import Finding, ReconciliationView
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.reconciling.correcting import CorrectingService
from gateway.reconciling.service import ReconcilingService
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin/reconciliations", tags=["admin"])
Reconciling = Annotated[ReconcilingService, provided(ReconcilingService)]
Correcting = Annotated[CorrectingService, provided(CorrectingService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def reconciliations(
    caller: Reader, page: Paging, books: Reconciling
) -> Page[ReconciliationView]:
    """The ledger held against the engines' counters and the conversations; for operators."""
    return await books.page(caller, page)


@router.post("", status_code=201)
async def reconcile(caller: SignedInByPassword, books: Reconciling) -> ReconciliationView:
    """Hold the ledger against the engines' counters and the conversations now; for operators."""
    return await books.reconcile(caller)


@router.post("/{reconciliation_id}/findings/{number}/correction", status_code=201)
async def correct(
    reconciliation_id: str,
    number: Annotated[int, Path(ge=1, le=1_000)],
    caller: SignedInByPassword,
    books: Correcting,
) -> Finding:
    """Write the ledger row that sets a finding right (number: from 1 on); for operators."""
    return await books.correct(caller, reconciliation_id, number)
