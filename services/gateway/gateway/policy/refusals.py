"""What a refused request was about, carried on the error for whoever keeps the record of it."""

from dataclasses import dataclass
from typing import TypeVar

from contracts.errors import StoreError
from gateway.policy.words import Action, Kind, Verdict

E = TypeVar("E", bound=StoreError)


@dataclass(frozen=True)
class Refusal:
    """What somebody wanted of an object and was not given. object_id None: of none in particular.

    object_id is as the caller wrote it: nothing may exist under it.
    """

    action: Action
    kind: Kind
    object_id: str | None
    verdict: Verdict


def refused(error: E, refusal: Refusal) -> E:
    """The same error, with what was refused. To be raised: `raise refused(NotFound(…), …)`."""
    error.refusal = refusal
    return error


def refusal_of(error: StoreError) -> Refusal | None:
    """What was refused by policy; None: the error is about something else."""
    found = error.refusal
    return found if isinstance(found, Refusal) else None
