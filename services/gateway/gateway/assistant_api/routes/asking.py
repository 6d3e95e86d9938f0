"""Who may call one assistant's own address, and how it is named there."""

from typing import Annotated

from fastapi import Path

from contracts.accounts import Scope
from gateway.caller import Caller
from gateway.signed_in import open_to_bound_keys, open_to_publishable_keys

AssistantRef = Annotated[str, Path(max_length=100, description="The assistant's id or slug.")]
MayChat = Annotated[Caller, open_to_publishable_keys(Scope.CHAT)]
Reader = Annotated[Caller, open_to_bound_keys(Scope.READ)]
Keeper = Annotated[Caller, open_to_bound_keys(Scope.INGEST)]

TAG = "one assistant"
BASE = "/a/{assistant}/v1"
