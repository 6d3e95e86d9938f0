"""Pages that are one form: what they ask for, and what comes of an attempt."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.languages import N_
from web.pages import Pages
from web.problems import field_problems, words_of

T = TypeVar("T")

# What the person can mend on the form itself, or must know there; anything else is a problem page.
_THEIRS = (
    ErrorKind.UNAUTHENTICATED,
    ErrorKind.INVALID,
    ErrorKind.CONFLICT,
    ErrorKind.FORBIDDEN,
    ErrorKind.RATE_LIMITED,
)
# A wrong password is a matter of the form; an ended session is one of the whole page.
_NOT_THEIRS = frozenset({"not_signed_in", "account_pending"})


@dataclass(frozen=True)
class Field:
    """One thing to type. Labels and help are message ids."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    fill: str = "off"
    most: int = 200


@dataclass(frozen=True)
class FormPage:
    """A page. hidden: fields that come along unseen. others: label and address of ways out."""

    title: str
    lead: str
    action: str
    submit: str
    fields: tuple[Field, ...]
    hidden: tuple[str, ...] = ()
    kind: str = "main"
    others: tuple[tuple[str, str], ...] = ()


EMAIL = Field("email", N_("Email address"), "email", fill="username", most=254)
NAME = Field("name", N_("Your name"), fill="name", most=100)
PASSWORD = Field("password", N_("Password"), "password", fill="current-password")
NEW_PASSWORD = Field(
    "password",
    N_("New password"),
    "password",
    help=N_("At least 10 characters; a few words are better than signs."),
    fill="new-password",
)
AGAIN = Field("password_again", N_("The password again"), "password", fill="new-password")


class FormPages:
    """Shows such pages, and what was wrong with what was typed."""

    def __init__(self, pages: Annotated[Pages, provided(Pages)]) -> None:
        self._pages = pages

    def show(
        self,
        request: Request,
        page: FormPage,
        typed: Mapping[str, str] | None = None,
        *,
        status: int = 200,
        problems: Mapping[str, str] | None = None,
        message: str = "",
    ) -> Response:
        """The page, as it is or as it was sent."""
        return self._pages.page(
            request,
            "pages/form.html",
            status=status,
            page=page,
            typed=typed or {},
            problems=problems or {},
            message=message,
        )

    async def attempt(
        self,
        request: Request,
        page: FormPage,
        typed: Mapping[str, str],
        work: Callable[[], Awaitable[T]],
    ) -> T | Response:
        """What the work gives, or the page with what is wrong."""
        try:
            return await work()
        except ValidationError as error:
            problems = field_problems(error)
            return self.show(request, page, typed, status=422, problems=problems)
        except StoreError as error:
            if error.kind not in _THEIRS or error.code in _NOT_THEIRS:
                raise
            words = words_of(self._pages.language(request), error)
            status = 429 if error.kind is ErrorKind.RATE_LIMITED else 400
            return self.show(request, page, typed, status=status, message=words)

    def differing(self, request: Request, page: FormPage, typed: Mapping[str, str]) -> Response:
        """The page again, because the two passwords are not one."""
        problems = {"password_again": N_("The two passwords differ.")}
        return self.show(request, page, typed, status=422, problems=problems)

    def done(self, request: Request, title: str, lead: str, way: tuple[str, str]) -> Response:
        """What has come of it, and where to go on."""
        return self._pages.page(request, "pages/done.html", title=title, lead=lead, way=way)


Desk = Annotated[FormPages, Depends(FormPages)]
