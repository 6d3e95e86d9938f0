"""Usage on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.usage import UsageRow
from gateway.caller import Caller
from gateway.signed_in import signed_in_with
from gateway.usage.service import LedgerService
from runtime.provide import provided

router = APIRouter(prefix="/v1/usage", tags=["usage"])
Ledger = Annotated[LedgerService, provided(LedgerService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def usage(
    caller: Reader,
    ledger: Ledger,
    since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    until: Annotated[str | None, Query(alias="to", max_length=40)] = None,
    group_by: Annotated[str, Query(max_length=100)] = "",
) -> Page[UsageRow]:
    """Sums of requests, tokens and cost. from, to: Unix seconds or dates (to: not included)."""
    return await ledger.usage(caller, group_by, since, until)
