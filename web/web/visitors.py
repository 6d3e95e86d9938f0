"""Who is looking at a page."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from contracts.accounts import MemberView, Power
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.accounts import Accounts
from web.cookies import Cookies


class SignInNeeded(StoreError):
    """The page is for members; the frame sends the visitor to the sign-in page."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "sign_in_needed"


class ForAdministrators(StoreError):
    """The page is for operators and administrators."""

    kind = ErrorKind.FORBIDDEN
    code = "administrators_only"


class Asker(Protocol):
    """Whoever asks, with the token that the gateway knows them by."""

    @property
    def token(self) -> str:
        """A session's, or that of a guest's visit."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in member and the session they came with."""

    token: str
    member: MemberView

    @property
    def is_administrator(self) -> bool:
        """Sees the workspace's or the installation's books."""
        return is_administrator(self.member)


def is_administrator(member: MemberView) -> bool:
    """Operators, and the owners and admins of a workspace."""
    return member.is_operator or member.workspace.power in (Power.OWNER, Power.ADMIN)


async def _guest_or_member(
    request: Request,
    accounts: Annotated[Accounts, provided(Accounts)],
    cookies: Annotated[Cookies, provided(Cookies)],
) -> Visitor | None:
    token = cookies.session(request)
    if token is None:
        return None
    try:
        member = await accounts.me(token)
    except StoreError as error:
        if error.kind is ErrorKind.UNAUTHENTICATED:
            return None
        raise
    request.state.member = member  # the page's frame greets them
    return Visitor(token, member)


async def _signed_in(visitor: Annotated[Visitor | None, Depends(_guest_or_member)]) -> Visitor:
    if visitor is None:
        raise SignInNeeded("Sign in to see this page.")
    return visitor


async def _administrator(visitor: Annotated[Visitor, Depends(_signed_in)]) -> Visitor:
    if not visitor.is_administrator:
        raise ForAdministrators("This page is for administrators.")
    return visitor


Anyone = Annotated[Visitor | None, Depends(_guest_or_member)]
SignedIn = Annotated[Visitor, Depends(_signed_in)]
Administrator = Annotated[Visitor, Depends(_administrator)]
