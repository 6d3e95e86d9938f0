"""Budgets of the stand-in gateway."""

from fastapi import APIRouter, Request

from contracts.budgets import BudgetCreate, BudgetState, BudgetView
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from tests.support.gateway_standin import Refused, Standin

NOW = 1_795_000_000


def budgets_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    router.add_api_route("/v1/budgets", list_budgets, methods=["GET"])
    router.add_api_route("/v1/budgets", set_budget, methods=["POST"], status_code=201)
    router.add_api_route("/v1/budgets/{budget_id}", end_budget, methods=["DELETE"])
    return router


async def list_budgets(request: Request) -> Page[BudgetView]:
    return Page(data=_standin(request).budgets[::-1])


async def set_budget(request: Request, wanted: BudgetCreate) -> BudgetView:
    state = _standin(request)
    if wanted.subject_id == "mem_nobody":
        raise Refused(ErrorKind.NOT_FOUND, "budget_subject_not_found", "Nobody.")
    if any(
        (each.subject, each.period) == (wanted.subject, wanted.period) for each in state.budgets
    ):
        raise Refused(ErrorKind.CONFLICT, "budget_exists", "There is one.")
    names = {member.id: member.name for _, member in state.passwords.values()}
    view = budget_view(wanted, names.get(wanted.subject_id or ""))
    state.budgets.append(view)
    return view


async def end_budget(request: Request, budget_id: str) -> Deleted:
    state = _standin(request)
    state.budgets = [each for each in state.budgets if each.id != budget_id]
    return Deleted(id=budget_id, object="budget.deleted")


def budget_view(wanted: BudgetCreate, name: str | None = None, spent: str = "0") -> BudgetView:
    """A budget as the gateway tells it."""
    share = float(spent) / float(wanted.amount) if float(wanted.amount) else 1
    state = BudgetState.REACHED if share >= 1 else BudgetState.OPEN
    return BudgetView(
        id=new_id("bud_"),
        created_at=NOW,
        workspace_id="wsp_athens",
        subject_name=name,
        by_operator=False,
        spent=spent,
        held="0",
        remaining=str(max(0.0, float(wanted.amount) - float(spent))),
        state=BudgetState.NEAR if 0.8 <= share < 1 else state,
        resets_at=NOW + 86_400,
        **wanted.model_dump(exclude={"workspace_id"}),
    )


def _standin(request: Request) -> Standin:
    state: Standin = request.app.state.standin
    return state
