"""Limits a minute, for those who run things."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.limits import LimitPut, LimitRemoved, LimitScope, LimitView
from contracts.lists import Page
from gateway.caller import Caller
from gateway.quotas.service import LimitService
from gateway.signed_in import SignedInByPassword, signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin/limits", tags=["admin"])
Limits = Annotated[LimitService, provided(LimitService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def list_limits(caller: Reader, limits: Limits) -> Page[LimitView]:
    """Calls and tokens a minute: the default of each scope, then the exceptions."""
    return await limits.all(caller)


@router.put("")
async def set_limit(wanted: LimitPut, caller: SignedInByPassword, limits: Limits) -> LimitView:
    """Set a limit for a key, member, workspace or client address, or a default: operators."""
    return await limits.put(caller, wanted)


@router.delete("")
async def remove_limit(
    caller: SignedInByPassword,
    limits: Limits,
    scope: LimitScope,
    subject: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> LimitRemoved:
    """Let the default hold again: operators."""
    return await limits.remove(caller, scope, subject)
