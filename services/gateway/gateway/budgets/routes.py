"""Budgets on the public API."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.accounts import Scope
from contracts.budgets import BudgetCreate, BudgetModify, BudgetView
from contracts.lists import Deleted, Page
from gateway.budgets.service.setting import BudgetService
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/budgets", tags=["budgets"])
Budgets = Annotated[BudgetService, provided(BudgetService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]


@router.post("", status_code=201)
async def create(wanted: BudgetCreate, caller: Manager, budgets: Budgets) -> BudgetView:
    """Set a budget."""
    return await budgets.create(caller, wanted)


@router.get("")
async def list_budgets(
    caller: Reader,
    page: Paging,
    budgets: Budgets,
    workspace_id: Annotated[str | None, Query(max_length=100)] = None,
) -> Page[BudgetView]:
    """Budgets and where they stand: of the workspace; for an operator, of all or a named one."""
    return await budgets.list(caller, page, workspace_id)


@router.get("/{budget_id}")
async def get(budget_id: str, caller: Reader, budgets: Budgets) -> BudgetView:
    """One budget, and where it stands."""
    return await budgets.get(caller, budget_id)


@router.post("/{budget_id}")
@router.patch("/{budget_id}")
async def modify(
    budget_id: str, changes: BudgetModify, caller: Manager, budgets: Budgets
) -> BudgetView:
    """Change a budget."""
    return await budgets.modify(caller, budget_id, changes)


@router.delete("/{budget_id}")
async def end(budget_id: str, caller: Manager, budgets: Budgets) -> Deleted:
    """End a budget: it bounds nothing from now on."""
    return await budgets.end(caller, budget_id)
