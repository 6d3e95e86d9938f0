"""The stand-in's versions of assistants, and what becomes of assistants beside being edited."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.assistants import AssistantFields, AssistantVersionView, AssistantView
from contracts.errors import ErrorKind
from contracts.gpts import GptConfiguration
from contracts.ids import new_id
from contracts.lists import Page
from contracts.versions import (
    AssistantComparison,
    AssistantDuplicate,
    AssistantOutcome,
    AssistantPublish,
    AssistantTransfer,
    AssistantVersionDetail,
    FileChange,
    SettingChange,
    TextHunk,
    VersionCollection,
    VersionFile,
    VersionModify,
)
from tests.support.gateway_standin import Refused, Standin, not_found, now

BUNDLE = b"PK what was exported"
_ONE = "/v1/assistants/{assistant_id}"


def versions_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    for method, path, handler in (
        ("POST", "/v1/assistants/import", bring_in),
        ("POST", "/v1/assistants/import/gpt", bring_in_gpt),
        ("POST", f"{_ONE}/publish", publish),
        ("POST", f"{_ONE}/duplicate", duplicate),
        ("POST", f"{_ONE}/transfer", transfer),
        ("POST", f"{_ONE}/restore", bring_back),
        ("GET", f"{_ONE}/bundle", bundle),
        ("GET", f"{_ONE}/versions", list_versions),
        ("GET", f"{_ONE}/versions/compare", compare),
        ("POST", f"{_ONE}/versions/restore/undo", undo_restore),
        ("GET", f"{_ONE}/versions/{{number}}", read_version),
        ("PATCH", f"{_ONE}/versions/{{number}}", note),
        ("POST", f"{_ONE}/versions/{{number}}/restore", restore),
    ):
        router.add_api_route(path, handler, methods=[method])
    return router


def _state(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state


def _found(state: Standin, assistant_id: str) -> AssistantView:
    if assistant_id not in state.assistants:
        raise not_found("assistant")
    return state.assistants[assistant_id]


def _version(state: Standin, assistant_id: str, number: str) -> AssistantVersionDetail:
    _found(state, assistant_id)
    for version in state.versions.get(assistant_id, []):
        if str(version.version) == number:
            return version
    raise not_found("version")


def _fields(assistant: AssistantView) -> AssistantFields:
    return AssistantFields.model_validate(
        assistant.model_dump(include=set(AssistantFields.model_fields))
    )


def _made(state: Standin, fields: AssistantFields) -> AssistantOutcome:
    made = AssistantView(
        **fields.model_dump(exclude={"slug"}),
        id=new_id("ast_"),
        slug=f"a-{len(state.assistants)}",
        created_at=now(),
    )
    state.assistants[made.id] = made
    return AssistantOutcome(assistant=made)


async def publish(request: Request, assistant_id: str, body: AssistantPublish) -> AssistantView:
    return publish_in(_state(request), assistant_id, body.note)


def publish_in(state: Standin, assistant_id: str, note: str) -> AssistantView:
    """Publish as the route does."""
    found = _found(state, assistant_id)
    found.published_version = (found.published_version or 0) + 1
    found.has_unpublished_changes = False
    fields = _fields(found)
    known = fields.tool_resources.file_search.vector_store_ids
    file = VersionFile(file_id="file-1", filename="a.md", size_bytes=9, document_version=1)
    version = AssistantVersionDetail(
        assistant_id=found.id,
        version=found.published_version,
        created_at=now(),
        created_by="mem_1",
        created_by_name="Ada",
        note=note,
        name=found.name,
        instructions=found.instructions,
        model=found.model or "small",
        epochs=dict.fromkeys(known, 1),
        definition=fields,
        collections=[
            VersionCollection(
                collection_id=each,
                epoch=1,
                name="Rules",
                files=[file],
                file_count=1,
                deleted_count=1,
            )
            for each in known
        ],
    )
    state.versions.setdefault(found.id, []).insert(0, version)
    return found


async def list_versions(request: Request, assistant_id: str) -> Page[AssistantVersionView]:
    state = _state(request)
    _found(state, assistant_id)
    found = state.versions.get(assistant_id, [])
    return Page[AssistantVersionView](data=[*found])


async def read_version(request: Request, assistant_id: str, number: str) -> AssistantVersionDetail:
    return _version(_state(request), assistant_id, number)


async def note(
    request: Request, assistant_id: str, number: str, body: VersionModify
) -> AssistantVersionView:
    found = _version(_state(request), assistant_id, number)
    found.note = body.note
    return found


async def compare(request: Request, assistant_id: str) -> AssistantComparison:
    state = _state(request)
    draft = _fields(_found(state, assistant_id))
    before = request.query_params.get("from", "1")
    old = draft if before == "draft" else _version(state, assistant_id, before).definition
    after = request.query_params.get("to", "draft")
    new = draft if after == "draft" else _version(state, assistant_id, after).definition
    return AssistantComparison(
        assistant_id=assistant_id,
        before=before,
        after=after,
        instructions=[
            TextHunk(kind="removed", text=old.instructions),
            TextHunk(kind="added", text=new.instructions),
        ],
        settings=[SettingChange(name="name", before=old.name, after=new.name)],
        files=[FileChange(kind="added", collection_id="vs_1", file_id="file-1", filename="a.md")],
        hidden_collections=1,
    )


async def restore(request: Request, assistant_id: str, number: str) -> AssistantOutcome:
    state = _state(request)
    version, found = _version(state, assistant_id, number), _found(state, assistant_id)
    state.replaced[found.id] = found
    back = version.definition.model_dump(exclude={"slug"})
    restored = AssistantView.model_validate(found.model_dump() | back | {"can_undo_restore": True})
    state.assistants[found.id] = restored
    return AssistantOutcome(assistant=restored, left_out=["vs_gone"])


async def undo_restore(request: Request, assistant_id: str) -> AssistantView:
    state = _state(request)
    if assistant_id not in state.replaced:
        raise Refused(ErrorKind.CONFLICT, "nothing_to_undo", "The draft has changed since.")
    state.assistants[assistant_id] = state.replaced.pop(assistant_id)
    return state.assistants[assistant_id]


async def duplicate(
    request: Request, assistant_id: str, body: AssistantDuplicate
) -> AssistantOutcome:
    state = _state(request)
    fields = _fields(_found(state, assistant_id))
    return _made(state, fields.model_copy(update={"name": body.name or fields.name}))


async def transfer(
    request: Request, assistant_id: str, body: AssistantTransfer
) -> AssistantOutcome:
    state = _state(request)
    if body.member_id not in {member.id for _, member in state.passwords.values()}:
        raise not_found("member")
    return AssistantOutcome(assistant=_found(state, assistant_id))


async def bring_back(request: Request, assistant_id: str) -> AssistantView:
    state = _state(request)
    if assistant_id in state.deleted_assistants:
        state.assistants[assistant_id] = state.deleted_assistants.pop(assistant_id)
    return _found(state, assistant_id)


async def bundle(request: Request, assistant_id: str) -> Response:
    _found(_state(request), assistant_id)
    headers = {"content-disposition": 'attachment; filename="guide.stoa.zip"'}
    return Response(BUNDLE, media_type="application/zip", headers=headers)


async def bring_in(request: Request) -> AssistantOutcome:
    state = _state(request)
    async with request.form() as form:
        file = form["file"]
        assert not isinstance(file, str)
        state.imported.append(await file.read())
    return _made(state, AssistantFields(name="Imported"))


async def bring_in_gpt(request: Request, body: GptConfiguration) -> AssistantOutcome:
    fields = AssistantFields(
        name=body.name,
        description=body.description,
        instructions=body.instructions,
        starters=body.conversation_starters,
        disabled_actions=body.actions,
    )
    return _made(_state(request), fields)
