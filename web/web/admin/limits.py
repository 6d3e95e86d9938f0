"""How much may be asked for in a minute: defaults, exceptions, and the form for both."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.errors import ErrorKind, StoreError
from contracts.limits import LimitPut, LimitScope
from runtime.provide import provided
from web.clients.members import Members
from web.clients.prices import Limits
from web.forms import Form, Submitted, Typed
from web.pages import Pages, go
from web.problems import field_problems, words_of
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin/limits", include_in_schema=False)
_HERE = "/admin/limits"
_UNTOUCHED = {
    "scope": LimitScope.MEMBER.value,
    "subject": "",
    "requests_per_minute": "",
    "tokens_per_minute": "",
}
_EXPLAINED = (
    ErrorKind.INVALID,
    ErrorKind.NOT_FOUND,
    ErrorKind.UNPROCESSABLE,
)
PagesHere = Annotated[Pages, provided(Pages)]
LimitsHere = Annotated[Limits, provided(Limits)]
MembersHere = Annotated[Members, provided(Members)]


@router.get("")
async def limits(
    request: Request,
    visitor: Administrator,
    pages: PagesHere,
    books: LimitsHere,
    people: MembersHere,
) -> Response:
    """What holds for everybody, and for whom something else does."""
    return await _page(request, visitor, pages, (books, people), Typed(_UNTOUCHED))


@router.post("")
async def set_limit(
    request: Request,
    visitor: Administrator,
    form: Form,
    pages: PagesHere,
    books: LimitsHere,
    people: MembersHere,
) -> Response:
    """Set a default or an exception."""
    typed = {name: form.text(name) for name in _UNTOUCHED}
    try:
        await books.set(visitor.token, _wanted(form))
    except ValidationError as error:
        problems = field_problems(error)
        return await _page(request, visitor, pages, (books, people), Typed(typed, problems))
    except StoreError as error:
        if error.kind not in _EXPLAINED:
            raise
        message = words_of(pages.language(request), error)
        return await _page(request, visitor, pages, (books, people), Typed(typed, message=message))
    return go(request, _HERE)


@router.post("/remove")
async def remove(
    request: Request, visitor: Administrator, form: Form, books: LimitsHere
) -> Response:
    """Let the default hold again."""
    await books.remove(visitor.token, form.text("scope"), form.text("subject"))
    return go(request, _HERE)


async def _page(
    request: Request,
    visitor: Visitor,
    pages: Pages,
    clients: tuple[Limits, Members],
    form: Typed,
) -> Response:
    books, people = clients
    found = await books.all(visitor.token)
    is_operator = visitor.member.is_operator
    return pages.page(
        request,
        "pages/limits.html",
        status=422 if form.problems or form.message else 200,
        defaults=[limit for limit in found if limit.subject is None],
        exceptions=[limit for limit in found if limit.subject is not None],
        people=(await people.page(visitor.token)).data if is_operator else [],
        scopes=list(LimitScope),
        typed=form.fields,
        problems=form.problems,
        message=form.message,
    )


def _wanted(form: Submitted) -> LimitPut:
    """The form as a limit. Raises ValidationError."""
    fields: dict[str, str | int] = {"scope": form.text("scope")}
    if form.text("subject"):
        fields["subject"] = form.text("subject")
    for name in ("requests_per_minute", "tokens_per_minute"):
        fields[name] = _whole(form.text(name))
    return LimitPut.model_validate(fields)


def _whole(typed: str) -> int | str:
    """A number as people write it; what is none is left for the contract to refuse."""
    plain = typed.replace(",", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 12 else typed
