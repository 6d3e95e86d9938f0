"""Whatever calls, crashes and repetitions do in whatever order, the books agree."""

import asyncio
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contracts.budgets import BudgetPeriod, BudgetSubject
from gateway.budgets.errors import BudgetReached
from gateway.reservations.service.keeping import ReservationKeeper
from gateway.settings import MoneyLimits
from tests.support.gateway import Databases
from tests.unit.gateway_money.purse import (
    INPUT,
    MEMBER,
    MOST_PICO,
    OUTPUT,
    Books,
    Purse,
    ended,
    opened_purse,
    planned,
)

ALLOWED = 6 * MOST_PICO
tokens = st.integers(0, OUTPUT)
LONG_AGO = "UPDATE reservations SET renewed_at = now() - interval '1 hour' WHERE request_id = :id"


def cost(output_tokens: int) -> int:
    return INPUT * 10 + output_tokens * 100


@dataclass
class Model:
    """What the books should say. noted: open call -> what was last noted of it.

    charged: call -> output tokens it was charged for; those of `estimated` may be corrected once.
    """

    noted: dict[str, int | None] = field(default_factory=dict)
    charged: dict[str, int] = field(default_factory=dict)
    estimated: set[str] = field(default_factory=set)
    corrections: int = 0
    number: int = 0

    def spent_pico(self) -> int:
        return sum(cost(output) for output in self.charged.values())


class Interleavings(RuleBasedStateMachine):
    """Calls are reserved, renewed, settled, released, repeated; processes die or were only slow."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        url = self.databases.fresh()
        self.runner, self.opening = asyncio.Runner(), opened_purse(url)
        self.purse: Purse = self.runner.run(self.opening.__aenter__())
        self.model = Model()

    def teardown(self) -> None:
        self.runner.run(self.opening.__aexit__(None, None, None))
        self.runner.close()

    @initialize()
    def allow(self) -> None:
        own = self.purse.allow(ALLOWED, BudgetSubject.MEMBER, MEMBER, period=BudgetPeriod.DAY)
        self.runner.run(self.purse.allow(2 * ALLOWED))
        self.runner.run(own)

    @rule()
    def reserve(self) -> None:
        self.model.number += 1
        request_id = f"r{self.model.number}"
        held = len(self.model.noted) * MOST_PICO
        is_too_much = self.model.spent_pico() + held + MOST_PICO > ALLOWED
        try:
            self.runner.run(self.purse.reservations.reserve(planned(request_id)))
        except BudgetReached:
            assert is_too_much
        else:
            assert not is_too_much
            self.model.noted[request_id] = None

    @precondition(lambda self: self.model.noted)
    @rule(data=st.data(), output=tokens)
    def renew(self, data: st.DataObject, output: int) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.noted)))
        keeper = ReservationKeeper(self.purse.database, MoneyLimits())
        keeper.watch(request_id, lambda: ended(request_id, output).usage)
        self.runner.run(keeper.renew())
        self.model.noted[request_id] = output

    @precondition(lambda self: self.model.noted)
    @rule(data=st.data(), output=tokens)
    def settle(self, data: st.DataObject, output: int) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.noted)))
        self.runner.run(self.purse.reservations.settle(ended(request_id, output)))
        del self.model.noted[request_id]
        self.model.charged[request_id] = output

    @precondition(lambda self: self.model.noted)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.noted)))
        self.runner.run(self.purse.reservations.release(request_id))
        del self.model.noted[request_id]

    @precondition(lambda self: self.model.noted)
    @rule(data=st.data())
    def its_process_dies(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.noted)))
        self.runner.run(self.purse.run(LONG_AGO, id=request_id))
        self.runner.run(self.purse.reservations.sweep(60))
        self.model.charged[request_id] = self.model.noted.pop(request_id) or 0
        self.model.estimated.add(request_id)

    @precondition(lambda self: self.model.charged)
    @rule(data=st.data(), output=tokens)
    def settle_again_or_late(self, data: st.DataObject, output: int) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.charged)))
        self.runner.run(self.purse.reservations.settle(ended(request_id, output)))
        if request_id in self.model.estimated and self.model.charged[request_id] != output:
            self.model.charged[request_id] = output
            self.model.estimated.discard(request_id)
            self.model.corrections += 1

    @precondition(lambda self: self.model.charged)
    @rule(data=st.data())
    def release_too_late(self, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.model.charged)))
        self.runner.run(self.purse.reservations.release(request_id))

    @invariant()
    def the_books_agree(self) -> None:
        spent = self.model.spent_pico()

        assert self.runner.run(self.purse.books()) == Books(
            charged_pico=spent,
            rows=len(self.model.charged) + self.model.corrections,
            spent_pico=spent,
            held_pico=len(self.model.noted) * MOST_PICO,
            open_calls=len(self.model.noted),
        )


def test_the_books_agree_whatever_happens_in_whatever_order(databases: Databases) -> None:
    class Here(Interleavings):
        pass

    Here.databases = databases
    run_state_machine_as_test(
        Here, settings=settings(max_examples=12, stateful_step_count=25, deadline=None)
    )
