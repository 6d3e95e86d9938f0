"""Who may call: readers and keepers of knowledge, and the workers that make it."""

from typing import Annotated

from fastapi import Query

from contracts.accounts import Scope
from gateway.caller import Caller
from gateway.knowledge.errors import NotYourJobs
from gateway.knowledge.rules import Status
from gateway.signed_in import signed_in_with
from runtime.service_auth import CallingFor

Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Keeper = Annotated[Caller, signed_in_with(Scope.INGEST)]


OfStatus = Annotated[Status | None, Query(alias="filter")]
"""OpenAI's `filter`: files of one status."""


def only_workers(principal: CallingFor) -> None:
    """Refuse every service that may not write."""
    if not principal.write:
        raise NotYourJobs("Only a worker may handle jobs.")
