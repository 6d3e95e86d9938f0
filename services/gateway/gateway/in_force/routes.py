"""Settings on the public API, for operators."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.in_force import SettingViews
from gateway.caller import Caller
from gateway.in_force.service import SettingsInForce
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/admin/settings", tags=["admin"])
InForce = Annotated[SettingsInForce, provided(SettingsInForce)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]


@router.get("")
async def settings(caller: Reader, in_force: InForce) -> SettingViews:
    """The settings this installation runs with, without secrets and places; for operators."""
    return in_force.seen_by(caller)
