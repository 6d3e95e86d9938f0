"""The routes of the stand-in gateway."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.datastructures import UploadFile

from contracts.accounts import (
    ClaimAccount,
    KeyCreate,
    KeyCreated,
    KeyKind,
    KeyView,
    MemberView,
    Power,
    Scope,
    SessionView,
    SignIn,
)
from contracts.assistants import AssistantCreate, AssistantModify, AssistantView, Sharing
from contracts.chat import ModelView
from contracts.conversations import (
    ConversationCreate,
    ConversationView,
    TurnView,
)
from contracts.errors import ErrorKind
from contracts.files import (
    CollectionCreate,
    CollectionView,
    DocumentCreate,
    DocumentProgress,
    DocumentReplace,
    DocumentView,
    FileCounts,
    FileView,
)
from contracts.ids import new_id
from contracts.jobs import Stage
from contracts.lists import Deleted, Page
from runtime.problems import install_problems
from tests.support import (
    gateway_standin_attached,
    gateway_standin_avatars,
    gateway_standin_budgets,
    gateway_standin_building,
    gateway_standin_contexts,
    gateway_standin_doors,
    gateway_standin_members,
    gateway_standin_moderation,
    gateway_standin_pages,
    gateway_standin_passages,
    gateway_standin_prices,
    gateway_standin_running,
    gateway_standin_shares,
    gateway_standin_store,
    gateway_standin_talks,
    gateway_standin_usage,
    gateway_standin_versions,
)
from tests.support.gateway_standin import (
    Refused,
    Standin,
    moved,
    not_found,
    now,
)


def _memory(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


Memory = Annotated[Standin, Depends(_memory)]


def _member(state: Memory, request: Request) -> MemberView:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state.sessions[token]


Signed = Annotated[MemberView, Depends(_member)]
open_router = APIRouter()
router = APIRouter(dependencies=[Depends(_member)])


def standin_app(state: Standin) -> FastAPI:
    """The stand-in as an app."""
    app = FastAPI()
    install_problems(app)
    app.state.standin = state
    app.include_router(open_router)
    app.include_router(gateway_standin_versions.versions_app())
    app.include_router(gateway_standin_avatars.avatars_app())
    app.include_router(router)
    app.include_router(gateway_standin_members.members_app())
    app.include_router(gateway_standin_pages.pages_app())
    app.include_router(gateway_standin_running.running_app())
    app.include_router(gateway_standin_contexts.contexts_app())
    app.include_router(gateway_standin_passages.passages_app())
    app.include_router(gateway_standin_budgets.budgets_app())
    app.include_router(gateway_standin_building.building_app())
    app.include_router(gateway_standin_building.file_passages_app())
    app.include_router(gateway_standin_building.drafts_app())
    app.include_router(gateway_standin_prices.prices_app())
    app.include_router(gateway_standin_store.store_app())
    app.include_router(gateway_standin_moderation.moderation_app())
    app.include_router(gateway_standin_store.choices_app())
    app.include_router(gateway_standin_talks.talks_app())
    app.include_router(gateway_standin_shares.shares_app())
    app.include_router(gateway_standin_doors.doors_app())
    app.include_router(gateway_standin_attached.attached_app())
    app.include_router(gateway_standin_usage.usage_app())
    return app


def page(data: list[Any]) -> Page[Any]:
    first, last = (data[0].id, data[-1].id) if data and hasattr(data[0], "id") else (None, None)
    return Page[Any](data=data, first_id=first, last_id=last)


@open_router.get("/v1/installation")
async def installation(state: Memory) -> dict[str, Any]:
    return {
        "claimed": state.claim_token is None,
        "name": "Stoa",
        "version": "0",
        "shares_with_anyone": state.shares_with_anyone,
        "admits_guests": state.admits_guests,
    }


@open_router.post("/v1/accounts/claim")
async def claim(state: Memory, body: ClaimAccount) -> SessionView:
    if body.token != state.claim_token:
        raise Refused(ErrorKind.FORBIDDEN, "claim_refused", "This link was used.")
    state.claim_token = None
    password = body.password.get_secret_value()
    state.add_member(body.email, password, body.name, Power.OWNER)
    return state.open_session(body.email)


@open_router.post("/v1/sessions")
async def sign_in(state: Memory, body: SignIn) -> SessionView:
    known = state.passwords.get(body.email)
    if known is None or known[0] != body.password.get_secret_value():
        raise Refused(ErrorKind.UNAUTHENTICATED, "wrong_credentials", "Not right.")
    return state.open_session(body.email)


@router.delete("/v1/sessions/current")
async def sign_out(state: Memory, member: Signed, request: Request) -> Deleted:
    state.sessions.pop(request.headers["authorization"].removeprefix("Bearer "))
    return Deleted(id=member.id, object="session.deleted")


@router.get("/v1/me")
async def me(member: Signed) -> MemberView:
    return member


@router.post("/v1/keys", status_code=201)
async def create_key(state: Memory, member: Signed, body: KeyCreate) -> KeyCreated:
    if any("//" not in origin for origin in body.origins):
        raise Refused(ErrorKind.INVALID, "invalid_origin", "Not a web site.")
    if body.assistant_id is not None and "manage" in (body.scopes or []):
        raise Refused(ErrorKind.INVALID, "scope_not_bindable", "Too much.")
    bound_to = state.assistants.get(body.assistant_id or "")
    is_shown = body.kind is KeyKind.PUBLISHABLE
    secret = f"{'pk' if is_shown else 'sk'}-stoa-{secrets.token_urlsafe(24)}"
    made = KeyView(
        **body.model_dump(exclude={"budget", "scopes", "visitor_answers", "answers"}),
        scopes=body.scopes or [Scope.CHAT],
        publishable_key=secret if is_shown else None,
        visitor_answers=(body.visitor_answers or 20) if is_shown else None,
        answers=(body.answers or 500) if is_shown else None,
        budgets=[body.budget] if body.budget else [],
        id=new_id("key_"),
        prefix=secret[:12],
        created_at=now(),
        member_id=member.id,
        assistant_name=None if bound_to is None else bound_to.name,
    )
    state.keys[made.id] = made
    return KeyCreated(**made.model_dump(), key=secret)


@router.get("/v1/keys")
async def list_keys(
    state: Memory, limit: int = 20, after: str = "", assistant_id: str = "", kind: str = ""
) -> Page[Any]:
    newest = [key for key in reversed(state.keys.values()) if kind in ("", key.kind)]
    if assistant_id:
        newest = [key for key in newest if key.assistant_id == assistant_id]
    ids = [key.id for key in newest]
    rest = newest[ids.index(after) + 1 :] if after else newest
    found = page(rest[:limit])
    found.has_more = len(rest) > limit
    return found


@router.delete("/v1/keys/{key_id}")
async def revoke_key(state: Memory, key_id: str) -> Deleted:
    if state.keys.pop(key_id, None) is None:
        raise not_found("key")
    return Deleted(id=key_id, object="key.deleted")


def find_assistant(state: Standin, assistant_id: str) -> AssistantView:
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    return state.assistants[assistant_id]


@router.get("/v1/models")
async def list_models(state: Memory) -> Page[ModelView]:
    if not state.are_models_listed:
        raise Refused(ErrorKind.UNAVAILABLE, "service_unavailable", "No models now.")
    names = ["qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"]
    served = [ModelView(id=name, created=0, owned_by="stoa") for name in names]
    published = [one for one in state.assistants.values() if one.published_version is not None]
    return Page(data=[model_of(state, one) for one in published] + state.elsewhere + served)


def model_of(state: Standin, one: AssistantView) -> ModelView:
    return ModelView(
        id=one.slug,
        created=0,
        owned_by="wsp_athens",
        name=one.name,
        assistant_id=one.id,
        description=one.description,
        avatar=one.avatar,
        starters=one.starters,
        variables=one.variables,
        shows_unanswered=state.shows_unanswered,
    )


@router.get("/a/{assistant_id}/v1/models/default")
async def own_model(state: Memory, assistant_id: str) -> ModelView:
    for model in state.elsewhere:
        if model.assistant_id == assistant_id:
            return model
    return model_of(state, find_assistant(state, assistant_id))


@router.put("/v1/assistants/{assistant_id}/sharing")
async def share_assistant(state: Memory, assistant_id: str, body: Sharing) -> AssistantView:
    found = find_assistant(state, assistant_id)
    found.visibility = body.visibility
    return found


@router.post("/v1/assistants")
async def create_assistant(state: Memory, body: AssistantCreate) -> AssistantView:
    made = AssistantView(
        **body.model_dump(exclude={"slug"}),
        id=new_id("ast_"),
        slug=f"a-{len(state.assistants)}",
        created_at=now(),
    )
    state.assistants[made.id] = made
    return made


@router.get("/v1/assistants")
async def list_assistants(state: Memory) -> Page[Any]:
    return page(list(reversed(state.assistants.values())))


@router.get("/v1/assistants/{assistant_id}")
async def read_assistant(state: Memory, assistant_id: str) -> AssistantView:
    return find_assistant(state, assistant_id)


@router.post("/v1/assistants/{assistant_id}")
async def modify_assistant(
    state: Memory, assistant_id: str, body: AssistantModify
) -> AssistantView:
    old = find_assistant(state, assistant_id)
    if body.revision not in (None, old.revision):
        raise Refused(ErrorKind.CONFLICT, "draft_changed", "The draft has been changed.")
    given = body.model_dump(exclude_unset=True) | {"revision": old.revision + 1}
    changed = AssistantView.model_validate(old.model_dump() | given)
    changed.has_unpublished_changes = old.published_version is not None
    state.assistants[assistant_id] = changed
    return changed


@router.delete("/v1/assistants/{assistant_id}")
async def delete_assistant(state: Memory, assistant_id: str) -> Deleted:
    state.deleted_assistants[assistant_id] = find_assistant(state, assistant_id)
    del state.assistants[assistant_id]
    return Deleted(id=assistant_id, object="assistant.deleted")


def find_document(state: Standin, collection_id: str, file_id: str) -> DocumentView:
    found = state.documents.get(file_id)
    if found is None or found.vector_store_id != collection_id:
        raise not_found("document")
    return found


@router.post("/v1/files")
async def store_file(state: Memory, request: Request) -> FileView:
    async with request.form() as form:
        file = form["file"]
        assert isinstance(file, UploadFile)
        content = await file.read()
        name = file.filename or ""
    if not content:
        raise Refused(ErrorKind.INVALID, "empty_file", "This file is empty.")
    if len(content) > state.file_bytes:
        raise Refused(ErrorKind.TOO_LARGE, "file_too_large", "This file is too large.")
    stored = FileView(
        id=f"file-{hashlib.sha256(content + name.encode()).hexdigest()[:16]}",
        bytes=len(content),
        created_at=now(),
        filename=name,
        purpose="assistants",
    )
    state.files[stored.id] = stored
    return stored


@router.delete("/v1/files/{file_id}")
async def delete_file(state: Memory, file_id: str) -> Deleted:
    state.files.pop(file_id, None)
    return Deleted(id=file_id, object="file")


@router.post("/v1/vector_stores")
async def create_collection(state: Memory, body: CollectionCreate) -> CollectionView:
    made = CollectionView(
        id=new_id("vs_"),
        created_at=now(),
        name=body.name or "",
        usage_bytes=0,
        file_counts=FileCounts(),
        status="completed",
    )
    state.collections[made.id] = made
    return made


@router.get("/v1/vector_stores/{collection_id}/files")
async def list_documents(state: Memory, collection_id: str) -> Page[Any]:
    mine = [d for d in state.documents.values() if d.vector_store_id == collection_id]
    if state.steps_by_itself:
        state.step()
    return page(mine[::-1])


@router.post("/v1/vector_stores/{collection_id}/files")
async def put_document(state: Memory, collection_id: str, body: DocumentCreate) -> DocumentView:
    stored = state.files[body.file_id]
    state.documents[stored.id] = DocumentView(
        id=stored.id,
        created_at=now(),
        vector_store_id=collection_id,
        usage_bytes=stored.bytes,
        status="in_progress",
        filename=stored.filename,
        document_version=1,
        progress=DocumentProgress(stage=Stage.QUEUED),
    )
    return state.documents[stored.id]


@router.get("/v1/vector_stores/{collection_id}/files/{file_id}")
async def read_document(state: Memory, collection_id: str, file_id: str) -> DocumentView:
    document = find_document(state, collection_id, file_id)
    if document.status == "in_progress" and state.steps_by_itself:
        state.documents[file_id] = moved(document)
    return document


@router.post("/v1/vector_stores/{collection_id}/files/{file_id}/retry")
async def retry_document(state: Memory, collection_id: str, file_id: str) -> DocumentView:
    document = find_document(state, collection_id, file_id)
    document.status, document.progress = "in_progress", DocumentProgress(stage=Stage.QUEUED)
    return document


@router.post("/v1/vector_stores/{collection_id}/files/{file_id}/replace")
async def replace_document(
    state: Memory, collection_id: str, file_id: str, body: DocumentReplace
) -> DocumentView:
    former = find_document(state, collection_id, file_id)
    made = await put_document(state, collection_id, DocumentCreate(file_id=body.file_id))
    made.document_version = former.document_version + 1
    state.documents.pop(former.id)
    return made


@router.delete("/v1/vector_stores/{collection_id}/files/{file_id}")
async def delete_document(state: Memory, collection_id: str, file_id: str) -> Deleted:
    state.documents.pop(find_document(state, collection_id, file_id).id)
    return Deleted(id=file_id, object="vector_store.file.deleted")


@router.post("/v1/conversations")
async def create_conversation(
    state: Memory, request: Request, body: ConversationCreate
) -> ConversationView:
    elsewhere = {model.assistant_id: model for model in state.elsewhere}.get(body.assistant_id)
    own = None if elsewhere else find_assistant(state, body.assistant_id)
    published = 1 if own is None else own.published_version
    made = ConversationView(
        id=new_id("conv_"),
        assistant_id=body.assistant_id,
        assistant_name=own.name if own else str(elsewhere and elsewhere.name),
        assistant_avatar=own.avatar if own else None,
        assistant_version=None if body.draft else published,
        opens_sources=own is not None,
        expires_at=now() + 4 * 3_600 if body.temporary else None,
        title="",
        variables=body.variables,
        shows_unanswered=state.shows_unanswered and not body.temporary and published is not None,
        created_at=now(),
        updated_at=now(),
    )
    state.conversations[made.id] = made
    state.messages[made.id] = []
    token = request.headers["authorization"].removeprefix("Bearer ")
    if token in state.visits:
        state.visits[token].conversations.append(made.id)
    return made


def find_turn(state: Standin, turn_id: str) -> TurnView:
    if turn_id not in state.turns:
        raise not_found("turn")
    return state.turns[turn_id]


@router.get("/v1/turns/{turn_id}")
async def read_turn(state: Memory, turn_id: str) -> TurnView:
    if state.refused_streams:
        state.refused_streams -= 1
        raise Refused(ErrorKind.UNAVAILABLE, "busy", "Busy.")
    return find_turn(state, turn_id)


@router.post("/v1/turns/{turn_id}/stop")
async def stop_turn(state: Memory, turn_id: str) -> TurnView:
    state.stopped.add(turn_id)
    return find_turn(state, turn_id)


@router.get("/v1/turns/{turn_id}/events", response_class=EventSourceResponse)
async def turn_events(
    state: Memory, request: Request, turn_id: str, starting_after: int = 0
) -> AsyncIterator[ServerSentEvent]:
    at = starting_after
    token = request.headers["authorization"].removeprefix("Bearer ")
    while token in state.sessions:  # a guest's is gone when their door is closed
        told = state.events[turn_id]
        for event in told[at:]:
            at += 1
            yield ServerSentEvent(id=str(event.id), event=event.type, data=event)
            if event.type in ("message", "failed"):
                return
        await asyncio.sleep(0.01)


@router.get("/v1/admin/audit", response_model=None)
async def read_audit(
    state: Memory, member: Signed, refused: bool | None = None
) -> Page[Any] | JSONResponse:
    if not member.is_operator:
        raise Refused(ErrorKind.FORBIDDEN, "audit_not_yours", "Not yours.")
    rows = [row for row in state.audit if refused in (None, row.verdict != "done")]
    return page(rows[::-1])
