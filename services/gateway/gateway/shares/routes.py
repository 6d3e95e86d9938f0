"""Share links on the public API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from contracts.accounts import Scope
from contracts.lists import Deleted, Page
from contracts.shares import ShareCreated, SharedConversation, ShareView
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.shares.service.making import SharingService
from gateway.shares.service.opening import Part, SharedService
from gateway.signed_in import perhaps_signed_in_with, signed_in_with
from gateway.visit import Visiting
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["shares"])
Shares = Annotated[SharingService, provided(SharingService)]
MayChat = Annotated[Caller, signed_in_with(Scope.CHAT)]


@router.post("/conversations/{conversation_id}/shares", status_code=201)
async def share(conversation_id: str, caller: MayChat, shares: Shares) -> ShareCreated:
    """Make a link to what the conversation shows now. What is said later is not in it."""
    return await shares.share(caller, conversation_id)


@router.get("/conversations/{conversation_id}/shares")
async def list_shares(
    conversation_id: str, caller: MayChat, page: Paging, shares: Shares
) -> Page[ShareView]:
    """The links to a conversation, without their tokens."""
    return await shares.list(caller, conversation_id, page)


@router.delete("/shares/{share_id}")
async def revoke(share_id: str, caller: MayChat, shares: Shares) -> Deleted:
    """End a link at once, and erase what it showed."""
    return await shares.revoke(caller, share_id)


@router.get("/shared/{token}")
async def read_shared(
    token: Annotated[str, Path(max_length=200)],
    reader: Annotated[Caller | None, perhaps_signed_in_with(Scope.CHAT)],
    shared: Annotated[SharedService, provided(SharedService)],
    visit: Visiting,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> SharedConversation:
    """What a link shows. after: the position of the last message read before."""
    return await shared.open(reader, token, Part(after, limit), visit)
