"""Requests made up from the OpenAPI document, as each role: no 5xx, nothing undocumented."""

import secrets
from collections.abc import Iterator

import pytest

from gateway.main import build_app
from tests.support.gateway import Databases
from tests.unit.gateway.fuzzing.whole import Fuzzing
from tests.unit.gateway.matrix.world import World, a_world

EXAMPLES = 2
"""For each operation: the simplest and another. tests/faults makes more, and all for each role."""


@pytest.fixture
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(databases.fresh(), tmp_path_factory.mktemp("fuzzing")) as made:
        yield made


@pytest.mark.timeout(900)  # a busy machine
def test_made_up_requests_meet_no_fault_and_no_undocumented_answer(world: World) -> None:
    fuzzing = Fuzzing(
        world=world,
        document=build_app(world.gateway.settings).openapi(),
        examples=EXAMPLES,
        is_brief=True,
        seed=secrets.randbits(32),
    )
    fuzzing.run()

    assert sum(fuzzing.statuses.values()) > 400
    assert dict(fuzzing.defects) == {}, f"seed {fuzzing.seed}"
