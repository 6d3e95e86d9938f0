"""Prices on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.prices import PriceCreate, PriceView
from gateway.caller import Caller
from gateway.prices.service.prices import PriceService
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/prices", tags=["usage"])
Prices = Annotated[PriceService, provided(PriceService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def list_prices(
    caller: Reader,
    prices: Prices,
    model: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> Page[PriceView]:
    """What models cost, cost once and will cost; defaults are those that models come with."""
    return await prices.all(caller, model)


@router.post("", status_code=201)
async def set_price(wanted: PriceCreate, caller: SignedInByPassword, prices: Prices) -> PriceView:
    """Set a price from now or a later moment on: operators. The past keeps its prices."""
    return await prices.set(caller, wanted)
