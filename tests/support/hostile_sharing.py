"""The stand-in's groups, grants and flagged passages: one of each, for the pages with them."""

from typing import Any

from fastapi import APIRouter

from contracts.passages import PassageFlag

_SHARED = {
    "object": "sharing",
    "visibility": "workspace",
    "members": [{"id": "mem_bob", "name": "Bob", "powers": ["use"]}],
    "groups": [{"id": "grp_1", "name": "Board", "powers": ["use", "edit"]}],
}
_PEOPLE = [{"id": "mem_bob", "object": "member", "name": "Bob", "power": "member"}]
_GROUPS = [
    {"id": "grp_1", "object": "group", "name": "Board", "member_count": 1, "created_at": 1},
]
_COLLECTION = {
    "id": "vs_1",
    "created_at": 1,
    "name": "Rules",
    "usage_bytes": 0,
    "file_counts": {},
    "status": "completed",
}


_FLAGGED = {
    "id": "psg_walk",
    "file_id": "file-1",
    "filename": "a.md",
    "document_version": 1,
    "page": 1,
    "header": "A",
    "start": 0,
    "end": 7,
    "text": "A walk.",
    "flags": [flag.value for flag in PassageFlag],
}


def sharing_app() -> APIRouter:
    """Routes that only tell what there is."""
    router = APIRouter()
    for path, body in (
        ("/v1/members", _page(_PEOPLE)),
        ("/v1/groups", _page(_GROUPS)),
        ("/v1/groups/{group_id}/members", _page(_PEOPLE)),
        ("/v1/assistants/{assistant_id}/sharing", _SHARED),
        ("/v1/vector_stores/{collection_id}/sharing", _SHARED),
        ("/v1/vector_stores/{collection_id}", _COLLECTION),
        ("/v1/vector_stores/{collection_id}/files/{file_id}/passages", _page([_FLAGGED])),
    ):
        router.add_api_route(path, _telling(body), methods=["GET"])
    return router


def _page(data: list[dict[str, Any]]) -> dict[str, Any]:
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
    return {"object": "list", "data": data, "has_more": False, **ends}


def _telling(body: dict[str, Any]) -> Any:
    async def tell() -> dict[str, Any]:
        return body

    return tell
