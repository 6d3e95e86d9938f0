"""Budgets as people set and read them."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from contracts.budgets import (
    BudgetCreate,
    BudgetModify,
    BudgetPeriod,
    BudgetSubject,
    BudgetView,
)
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.budgets.errors import (
    BudgetExists,
    BudgetNotFound,
    BudgetSubjectNotFound,
    BudgetSubjectUnclear,
    NotTheTreasurer,
)
from gateway.budgets.repository import BudgetRepository, SpendRepository, Spent, SubjectSum
from gateway.budgets.rules import ends_at, starts_on, state_of
from gateway.budgets.tables import Budget
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.members.errors import WorkspaceNotFound
from gateway.money import money, pico
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import require
from gateway.policy.refusals import Refusal, refused
from gateway.policy.rules import Thing, may_anywhere, may_in
from gateway.policy.words import Action, Kind, Verdict

_NAMED = (BudgetSubject.MEMBER, BudgetSubject.ASSISTANT, BudgetSubject.KEY)
_EACH = (BudgetSubject.EACH_MEMBER, BudgetSubject.EACH_GUEST)


class BudgetService:
    """What those who run a workspace, or the installation, do with budgets."""

    def __init__(self, database: Database, zone: ZoneInfo, clock: Clock = utc_now) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock

    async def create(self, caller: Caller, wanted: BudgetCreate) -> BudgetView:
        """Set a budget. It counts from the next call on, with what the period has spent already."""
        workspace_id = wanted.workspace_id or caller.workspace_id
        _check(caller, Action.CREATE, workspace_id)
        budget = Budget(
            id=new_id("bud_"),
            workspace_id=workspace_id,
            subject=wanted.subject.value,
            subject_id=wanted.subject_id or "",
            currency=wanted.currency,
            amount_pico=pico(wanted.amount),
            period=wanted.period.value,
            is_hard=wanted.hard,
            warn_percent=wanted.warn_percent,
            is_operators=_acts_as_operator(caller, workspace_id),
            created_at=self._clock(),
        )
        async with self._database.transaction() as tx:
            repository = BudgetRepository(tx)
            await _check_subject(repository, wanted, workspace_id)
            if await repository.is_taken(budget):
                raise BudgetExists("There is such a budget already: change that one.")
            repository.add(budget)
            Acts(tx).record(Act.BUDGET_SET, caller, budget.id)
            return (await self._views(tx, [budget]))[0]

    async def list(
        self, caller: Caller, page: PageRequest, workspace_id: str | None = None
    ) -> Page[BudgetView]:
        """The budgets of a workspace: the caller's own, unless an operator asks for all."""
        if workspace_id is None and not may_anywhere(caller, Action.SEE, Kind.BUDGET):
            workspace_id = caller.workspace_id
        if workspace_id is not None:
            _check(caller, Action.SEE, workspace_id)
        async with self._database.transaction() as tx:
            rows = await BudgetRepository(tx).page(workspace_id, page)
            views = {view.id: view for view in await self._views(tx, rows.rows)}
        return as_page(rows, lambda budget: views[budget.id], lambda view: view.id)

    async def get(self, caller: Caller, budget_id: str) -> BudgetView:
        """One budget, and where it stands."""
        async with self._database.transaction() as tx:
            budget = await _found(tx, caller, Action.SEE, budget_id)
            return (await self._views(tx, [budget]))[0]

    async def modify(self, caller: Caller, budget_id: str, changes: BudgetModify) -> BudgetView:
        """Change its amount, or what happens at it."""
        async with self._database.transaction() as tx:
            budget = await _found(tx, caller, Action.EDIT, budget_id)
            if changes.amount is not None:
                budget.amount_pico = pico(changes.amount)
            if changes.hard is not None:
                budget.is_hard = changes.hard
            budget.warn_percent = changes.warn_percent or budget.warn_percent
            Acts(tx).record(Act.BUDGET_CHANGED, caller, budget.id)
            return (await self._views(tx, [budget]))[0]

    async def end(self, caller: Caller, budget_id: str) -> Deleted:
        """It bounds nothing from now on."""
        async with self._database.transaction() as tx:
            budget = await _found(tx, caller, Action.DELETE, budget_id)
            budget.ended_at = self._clock()
            Acts(tx).record(Act.BUDGET_ENDED, caller, budget.id)
        return Deleted(id=budget_id, object="budget.deleted")

    async def _views(self, tx: Transaction, budgets: Sequence[Budget]) -> Sequence[BudgetView]:
        named = {budget.subject_id for budget in budgets if budget.subject_id}
        names = await BudgetRepository(tx).names(named) if named else {}
        return [await self._view(tx, budget, names.get(budget.subject_id)) for budget in budgets]

    async def _view(self, tx: Transaction, budget: Budget, name: str | None) -> BudgetView:
        period, subject = BudgetPeriod(budget.period), BudgetSubject(budget.subject)
        start = starts_on(self._clock(), period, self._zone)
        spent = await _spent(tx, budget, start)
        used_pico, amount_pico = spent.spent_pico + spent.held_pico, int(budget.amount_pico)
        return BudgetView(
            id=budget.id,
            created_at=unix_seconds(budget.created_at),
            workspace_id=budget.workspace_id,
            subject=subject,
            subject_id=budget.subject_id or None,
            subject_name=name,
            amount=money(amount_pico),
            currency=budget.currency,
            period=period,
            hard=budget.is_hard,
            warn_percent=budget.warn_percent,
            by_operator=budget.is_operators,
            spent=money(spent.spent_pico),
            held=money(spent.held_pico),
            remaining=money(max(0, amount_pico - used_pico)),
            state=state_of(amount_pico, used_pico, budget.warn_percent),
            resets_at=unix_seconds(ends_at(start, period, self._zone)),
        )


async def _spent(tx: Transaction, budget: Budget, start: date) -> Spent:
    subject, spends = BudgetSubject(budget.subject), SpendRepository(tx)
    wanted = SubjectSum(
        workspace_id=budget.workspace_id,
        subject=BudgetSubject.MEMBER if subject in _EACH else subject,
        subject_id=budget.subject_id,
        period=BudgetPeriod(budget.period),
        starts_on=start,
        currency=budget.currency,
    )
    if subject in _EACH:
        return await spends.of_dearest(wanted, are_guests=subject is BudgetSubject.EACH_GUEST)
    return await spends.of_subject(wanted)


async def _found(tx: Transaction, caller: Caller, action: Action, budget_id: str) -> Budget:
    budget = await BudgetRepository(tx).find(budget_id)
    if budget is None or not may_in(caller, Action.SEE, Kind.BUDGET, budget.workspace_id):
        missing = BudgetNotFound(f"There is no budget {budget_id}.")
        raise refused(missing, Refusal(action, Kind.BUDGET, budget_id, Verdict.HIDDEN))
    if action is not Action.SEE:
        _check(caller, action, budget.workspace_id)
        if budget.is_operators and not caller.is_operator:
            barred = NotTheTreasurer("This budget was set by the installation's operators.")
            raise refused(barred, Refusal(action, Kind.BUDGET, budget_id, Verdict.FORBIDDEN))
    return budget


def _check(caller: Caller, action: Action, workspace_id: str) -> None:
    if workspace_id != caller.workspace_id and not may_anywhere(caller, action, Kind.BUDGET):
        missing = WorkspaceNotFound(f"There is no workspace {workspace_id}.")
        raise refused(missing, Refusal(action, Kind.BUDGET, workspace_id, Verdict.HIDDEN))
    barred = NotTheTreasurer("Only those who run the workspace see and set its budgets.")
    require(caller, action, Thing(Kind.BUDGET, workspace_id, workspace_id), barred)


def _acts_as_operator(caller: Caller, workspace_id: str) -> bool:
    """An operator at home sets budgets as its owner does; elsewhere, as the installation."""
    return caller.is_operator and workspace_id != caller.workspace_id


async def _check_subject(
    repository: BudgetRepository, wanted: BudgetCreate, workspace_id: str
) -> None:
    if (wanted.subject in _NAMED) is (wanted.subject_id is None):
        raise BudgetSubjectUnclear(
            "A budget of a member, an assistant or a key names it; the others name nobody.",
            param="subject_id",
        )
    if not await repository.is_there(workspace_id, wanted.subject, wanted.subject_id or ""):
        raise BudgetSubjectNotFound(
            f"There is no such {wanted.subject.value} in this workspace.", param="subject_id"
        )
