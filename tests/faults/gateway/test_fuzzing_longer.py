"""The same made-up requests as in tests/unit/gateway/fuzzing, many more of them."""

import secrets
from pathlib import Path

import pytest

from gateway.main import build_app
from tests.support.engines import postgres_server
from tests.support.gateway import Databases
from tests.unit.gateway.fuzzing.whole import Fuzzing
from tests.unit.gateway.matrix.world import a_world

EXAMPLES = 4
"""Of each kind, for each operation and role."""


@pytest.mark.timeout(1_800)
def test_many_made_up_requests_meet_no_fault_and_no_undocumented_answer(tmp_path: Path) -> None:
    with postgres_server() as postgres, a_world(Databases(postgres).fresh(), tmp_path) as world:
        fuzzing = Fuzzing(
            world=world,
            document=build_app(world.gateway.settings).openapi(),
            examples=EXAMPLES,
            seed=secrets.randbits(32),
        )
        fuzzing.run()

    assert dict(fuzzing.defects) == {}, f"seed {fuzzing.seed}"
