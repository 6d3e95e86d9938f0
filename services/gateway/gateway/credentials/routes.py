"""Confirmations, resets, and changes of one's own account on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import MemberView, SessionView
from contracts.credentials import (
    Confirmed,
    EmailChange,
    EmailChanging,
    LetterToken,
    LetterUnderWay,
    PasswordChange,
    PasswordReset,
    PasswordWasReset,
    ProfileChange,
    ResetRequest,
)
from gateway.credentials.service.changing import ProfileService
from gateway.credentials.service.confirming import ConfirmationService
from gateway.credentials.service.resetting import ResetService
from gateway.signed_in import SignedInByPassword, SignedInEvenPending
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["accounts"])
Confirmations = Annotated[ConfirmationService, provided(ConfirmationService)]
Resets = Annotated[ResetService, provided(ResetService)]
Profiles = Annotated[ProfileService, provided(ProfileService)]


@router.post("/accounts/confirm")
async def confirm(link: LetterToken, visit: Visiting, confirmations: Confirmations) -> Confirmed:
    """Confirm an address with the token of the letter that was sent to it."""
    return await confirmations.confirm(link.token, visit)


@router.post("/accounts/confirm/resend", status_code=202)
async def resend(
    caller: SignedInEvenPending, visit: Visiting, confirmations: Confirmations
) -> LetterUnderWay:
    """Send the letter of a new account once more."""
    return await confirmations.resend(caller, visit)


@router.post("/password-resets", status_code=202)
async def ask_for_reset(wanted: ResetRequest, visit: Visiting, resets: Resets) -> LetterUnderWay:
    """Have a link sent for a new password. The answer is the same for every address."""
    return await resets.ask(wanted.email, visit)


@router.post("/password-resets/use")
async def reset(wanted: PasswordReset, visit: Visiting, resets: Resets) -> PasswordWasReset:
    """Set a new password with the token of the letter. Every session ends; keys stay."""
    return await resets.use(wanted, visit)


@router.patch("/me")
async def change_profile(
    wanted: ProfileChange, caller: SignedInByPassword, profiles: Profiles
) -> MemberView:
    """Change one's own name."""
    return await profiles.change_profile(caller, wanted)


@router.post("/me/password")
async def change_password(
    wanted: PasswordChange, caller: SignedInByPassword, visit: Visiting, profiles: Profiles
) -> SessionView:
    """Change one's own password. Every session ends; the answer holds a new one. Keys stay."""
    return await profiles.change_password(caller, wanted, visit)


@router.post("/me/email", status_code=202)
async def change_email(
    wanted: EmailChange, caller: SignedInByPassword, visit: Visiting, profiles: Profiles
) -> EmailChanging:
    """Change one's own address: by a letter to the new one, or at once where no mail is sent."""
    return await profiles.change_email(caller, wanted, visit)
