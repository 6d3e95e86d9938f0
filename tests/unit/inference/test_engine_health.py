"""Readiness proves that engines generate, without eating the machine."""

import pytest

from inference.adapters.engine_simulator import SimulatorEngine
from inference.errors import EngineUnavailable
from inference.registry.service import EngineHealth
from inference.settings import SimulatorSettings


class TestedEngine(SimulatorEngine):
    """The simulator, counting its self-tests."""

    __test__ = False

    def __init__(self) -> None:
        super().__init__(SimulatorSettings(kind="simulator"))
        self.self_tests = 0
        self.has_fallen = False

    @property
    def is_up(self) -> bool:
        return not self.has_fallen

    async def self_test(self) -> None:
        self.self_tests += 1
        await super().self_test()


@pytest.fixture
def engine() -> TestedEngine:
    return TestedEngine()


async def test_a_proof_counts_for_a_while(engine: TestedEngine) -> None:
    health = EngineHealth(engine, proof_seconds=30)
    await health.check()
    await health.check()

    assert engine.self_tests == 1


async def test_an_old_proof_counts_no_more(engine: TestedEngine) -> None:
    health = EngineHealth(engine, proof_seconds=0)
    await health.check()
    await health.check()

    assert engine.self_tests == 2


async def test_a_token_for_somebody_is_proof_enough(engine: TestedEngine) -> None:
    health = EngineHealth(engine, proof_seconds=30)
    health.proved()
    await health.check()

    assert engine.self_tests == 0


async def test_a_fresh_proof_does_not_hide_a_dead_engine(engine: TestedEngine) -> None:
    health = EngineHealth(engine, proof_seconds=30)
    await health.check()
    engine.has_fallen = True

    with pytest.raises(EngineUnavailable):
        await health.check()
