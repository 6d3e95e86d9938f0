"""Share links of the stand-in gateway."""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from contracts.shares import (
    ShareCreated,
    SharedCitation,
    SharedConversation,
    SharedMessage,
    ShareView,
)
from tests.support.gateway_standin import Refused, not_found, now
from tests.support.gateway_standin_talks import Memory, Signed, branch, find_conversation

router = APIRouter()


def shares_app() -> APIRouter:
    """The routes, to be included by the stand-in's app."""
    return router


@router.post("/v1/conversations/{conversation_id}/shares", status_code=201)
async def share(
    state: Memory,
    member: Signed,
    conversation_id: str,
    idempotency_key: Annotated[str, Header()] = "",
) -> ShareCreated:
    found = find_conversation(state, conversation_id)
    if found.expires_at is not None:
        raise Refused(ErrorKind.CONFLICT, "conversation_temporary", "Nothing is kept of it.")
    if idempotency_key in state.share_keys:
        return state.share_keys[idempotency_key]
    said = branch(state, conversation_id)
    token = f"shr-stoa-{new_id('x')}"
    made = ShareCreated(
        id=new_id("shr_"),
        conversation_id=conversation_id,
        message_count=len(said),
        created_at=now(),
        token=token,
        link=f"http://web.example/shared/{token}",
    )
    messages = [
        SharedMessage(
            position=position,
            role=each.role,
            content=each.content,
            status=each.status,
            unsupported=each.unsupported,
            citations=[
                SharedCitation(
                    **one.model_dump(include={"index", "start_index", "end_index"}),
                    **one.file_citation.model_dump(include={"filename", "page", "quote"}),
                )
                for one in each.annotations
            ],
        )
        for position, each in enumerate(said, 1)
    ]
    shown = SharedConversation(
        assistant_name=found.assistant_name,
        assistant_id=found.assistant_id,
        shared_by=member.name,
        shared_at=made.created_at,
        messages=Page(data=messages),
    )
    state.shares[token] = (made, shown)
    state.share_keys[idempotency_key] = made
    return made


@router.get("/v1/conversations/{conversation_id}/shares")
async def list_shares(state: Memory, member: Signed, conversation_id: str) -> Page[ShareView]:
    del member
    find_conversation(state, conversation_id)
    made = [made for made, _ in state.shares.values() if made.conversation_id == conversation_id]
    views = [ShareView.model_validate(each.model_dump(exclude={"token", "link"})) for each in made]
    return Page(data=views[::-1])


@router.delete("/v1/shares/{share_id}")
async def revoke(state: Memory, member: Signed, share_id: str) -> Deleted:
    del member
    tokens = [token for token, (made, _) in state.shares.items() if made.id == share_id]
    if not tokens:
        raise not_found("share")
    del state.shares[tokens[0]]
    return Deleted(id=share_id, object="conversation.share.deleted")


@router.get("/v1/shared/{token}")
async def read_shared(
    state: Memory, request: Request, token: str, after: int = 0, limit: int = 100
) -> SharedConversation:
    session = request.headers.get("authorization", "").removeprefix("Bearer ")
    if session not in state.sessions and not state.shares_with_anyone:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    if token not in state.shares:
        raise not_found("share")
    _, shown = state.shares[token]
    data = shown.messages.data[after : after + limit]
    has_more = len(shown.messages.data) > after + limit
    last_id = str(data[-1].position) if data else None
    part = Page[SharedMessage](data=data, last_id=last_id, has_more=has_more)
    return shown.model_copy(
        update={
            "messages": part,
            "assistant_id": shown.assistant_id if session in state.sessions else None,
        }
    )
