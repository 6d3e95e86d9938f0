"""Budgets: where each stands, and the form for another."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from contracts.budgets import BudgetCreate, BudgetPeriod, BudgetSubject, BudgetView
from contracts.errors import ErrorKind, StoreError
from runtime.provide import provided
from web.clients.budgets import Budgets
from web.clients.members import Members
from web.clients.usage import Usage
from web.forms import Form, Submitted, Typed
from web.pages import Pages, go
from web.paths import Id
from web.problems import field_problems, words_of
from web.visitors import Administrator, Visitor

router = APIRouter(prefix="/admin/budgets", include_in_schema=False)
_HERE = "/admin/budgets"
_UNTOUCHED = {
    "subject": BudgetSubject.WORKSPACE.value,
    "subject_id": "",
    "amount": "",
    "currency": "USD",
    "period": BudgetPeriod.MONTH.value,
    "hard": "yes",
    "warn_percent": "80",
}
_EXPLAINED = (ErrorKind.INVALID, ErrorKind.NOT_FOUND, ErrorKind.CONFLICT)
_NAMED = (BudgetSubject.MEMBER, BudgetSubject.ASSISTANT, BudgetSubject.KEY)
PagesHere = Annotated[Pages, provided(Pages)]
BudgetsHere = Annotated[Budgets, provided(Budgets)]


class Clients:
    """What the page asks."""

    def __init__(
        self,
        books: BudgetsHere,
        people: Annotated[Members, provided(Members)],
        usage: Annotated[Usage, provided(Usage)],
    ) -> None:
        self.books = books
        self.people = people
        self.usage = usage


ClientsHere = Annotated[Clients, Depends()]


@router.get("")
async def budgets(
    request: Request,
    visitor: Administrator,
    pages: PagesHere,
    clients: ClientsHere,
) -> Response:
    """What may be spent, and what has been; those nearest to their end first."""
    return await _page(request, visitor, pages, clients, Typed(_UNTOUCHED))


@router.post("")
async def set_budget(
    request: Request,
    visitor: Administrator,
    form: Form,
    pages: PagesHere,
    clients: ClientsHere,
) -> Response:
    """Set a budget."""
    typed = {name: form.text(name) for name in _UNTOUCHED}
    try:
        await clients.books.set(visitor.token, _wanted(form))
    except ValidationError as error:
        problems = field_problems(error)
        return await _page(request, visitor, pages, clients, Typed(typed, problems))
    except StoreError as error:
        if error.kind not in _EXPLAINED:
            raise
        message = words_of(pages.language(request), error)
        return await _page(request, visitor, pages, clients, Typed(typed, message=message))
    return go(request, _HERE)


@router.post("/{budget_id}/end")
async def end(
    request: Request, visitor: Administrator, form: Form, books: BudgetsHere, budget_id: Id
) -> Response:
    """Let a budget bound nothing from now on."""
    del form  # read for its token
    await books.end(visitor.token, budget_id)
    return go(request, _HERE)


async def _page(
    request: Request,
    visitor: Visitor,
    pages: Pages,
    clients: Clients,
    form: Typed,
) -> Response:
    found = (await clients.books.page(visitor.token)).data
    workspaces = await clients.usage.workspaces(visitor.token) if visitor.member.is_operator else []
    return pages.page(
        request,
        "pages/budgets.html",
        status=422 if form.problems or form.message else 200,
        budgets=sorted(((each, percent_used(each)) for each in found), key=lambda pair: -pair[1]),
        workspace_names={each.id: each.name for each in workspaces},
        people=(await clients.people.page(visitor.token)).data,
        subjects=list(BudgetSubject),
        typed=form.fields,
        problems=form.problems,
        message=form.message,
    )


def percent_used(budget: BudgetView) -> int:
    """How much of a budget is spent or held; a budget of nothing is used up."""
    amount = Decimal(budget.amount)
    used = Decimal(budget.spent) + Decimal(budget.held)
    return 100 if amount == 0 else int(used * 100 / amount)


def _wanted(form: Submitted) -> BudgetCreate:
    """The form as a budget. Raises ValidationError."""
    plain = ("subject", "currency", "period", "warn_percent")
    fields: dict[str, str | bool] = {name: form.text(name) for name in plain}
    fields["amount"] = form.text("amount").replace(",", ".")
    fields["hard"] = form.text("hard") == "yes"
    if form.text("subject") in _NAMED:
        fields["subject_id"] = form.text("subject_id")
    return BudgetCreate.model_validate(fields)
