"""What those who run a workspace or the installation see."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.usage import LedgerRow
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from gateway.usage.service import LedgerService
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin", tags=["admin"])
Ledger = Annotated[LedgerService, provided(LedgerService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("/ledger")
async def ledger_rows(caller: Reader, page: Paging, ledger: Ledger) -> Page[LedgerRow]:
    """Model calls one by one, newest first unless asked otherwise."""
    return await ledger.rows(caller, page)
