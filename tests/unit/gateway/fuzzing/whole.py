"""The OpenAPI document put to the proof: made-up requests, and each answer held against it.

Schemathesis makes the requests from the document alone; half of them are then given ids that exist.
A defect is a 5xx other than "a neighbour is away", and a status, content type or body that the
document does not name.
"""

import gc
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests  # noqa: TID251 - what schemathesis sends with
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.gateway.matrix.calls import PATH_KINDS
from tests.unit.gateway.matrix.world import World, over

ROLES = ("anonymous", "guest", "member", "admin", "operator", "bound")
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
AWAY = 503
_PICTURES = ("image/png", "image/jpeg", "image/webp")
for _picture in _PICTURES:
    schemathesis.openapi.media_type(_picture, st.binary(max_size=100))
_SECONDS = 20


def _kept_open() -> requests.Session:
    """Neither a connection for each request, nor a look at the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


@contextmanager
def unmoved() -> Iterator[None]:
    """What is there already is not looked through by the garbage collector, a third of the time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@dataclass
class Fuzzing:
    """So many requests of each kind to every operation.

    is_brief: an operation gets right requests or wrong ones, as the seed has it, and half of the
    roles send each. Every role still calls every operation.
    """

    world: World
    document: dict[str, Any]
    examples: int
    seed: int
    is_brief: bool = False
    session: requests.Session = field(default_factory=_kept_open)
    defects: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

    def run(self) -> None:
        with self.session, unmoved():
            for number, operation in enumerate(operations(self.document)):
                for mode in self._modes(number):
                    self._try(operation, mode)
                self.world.put_back()

    def _modes(self, number: int) -> tuple[GenerationMode, ...]:
        return (MODES[(self.seed + number) % 2],) if self.is_brief else MODES

    def _roles(self, turn: int) -> tuple[str, ...]:
        return ROLES[turn % 2 :: 2] if self.is_brief else ROLES

    def _try(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> None:
        turns = itertools.count()

        @seed(self.seed)
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
        def check(case: Case[Any], is_real: bool) -> None:
            if is_real:
                self._give_ids(case)
            for who in self._roles(next(turns)):
                self._check(who, case)

        try:
            check()
        except Unsatisfiable:
            return  # nothing invalid can be sent to a route that takes nothing

    def _give_ids(self, case: Case[Any]) -> None:
        ids = self.world.athens
        for name in case.path_parameters:
            if name in PATH_KINDS and PATH_KINDS[name] in ids:
                case.path_parameters[name] = ids[PATH_KINDS[name]]
        if isinstance(case.body, dict):
            for name, kind in PATH_KINDS.items():
                if isinstance(case.body.get(name), str) and kind in ids:
                    case.body[name] = ids[kind]

    def _check(self, who: str, case: Case[Any]) -> None:
        person = self.world.people.get(who)
        headers = {} if person is None else person.headers()
        address = self.world.gateway.address
        response = case.call(
            base_url=address, session=self.session, headers=headers, timeout=_SECONDS
        )
        self.statuses[response.status_code] += 1
        self._wait_for_turns(who, case, response)
        if response.status_code >= 500 and response.status_code != AWAY:
            self._note(case, who, f"status {response.status_code}")
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self._note(case, who, _words(failure))
        except Failure as failure:
            self._note(case, who, _words(failure))

    def _wait_for_turns(self, who: str, case: Case[Any], response: Response) -> None:
        """Nothing may write behind our back when the world is put back."""
        if case.operation.path.endswith("/turns") and response.status_code == 201:
            over(self.world.gateway, self.world.people[who], response.json()["id"])

    def _note(self, case: Case[Any], who: str, what: str) -> None:
        self.defects[f"{case.method} {case.operation.path} as {who}: {what}"] += 1


def _words(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {' '.join(str(failure).split())[:200]}"


def operations(document: dict[str, Any]) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Each operation of the document."""
    config = SchemathesisConfig()
    for found in schemathesis.openapi.from_dict(document, config=config).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()
