"""How each route is called: its path's ids, its body. A route that is not here fails the matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.bundles import bundle
from tests.support.gateway import PASSWORD
from tests.support.portraits import red

Route = tuple[str, str]


class Ids(dict[str, str]):
    """Ids by kind, which remember what was asked for: those can be foreign."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        super().__init__(ids)
        self.used: set[str] = set()

    def __getitem__(self, kind: str) -> str:
        self.used.add(kind)
        return super().__getitem__(kind)


Body = Callable[[Ids], dict[str, Any]]


def _nothing(ids: Ids) -> dict[str, Any]:
    del ids
    return {}


def _json(make: Callable[[Ids], Any]) -> Body:
    return lambda ids: {"json": make(ids)}


def _just(body: Any) -> Body:
    return _json(lambda _: body)


def _upload(ids: Ids) -> dict[str, Any]:
    del ids
    return {"data": {"purpose": "assistants"}, "files": {"file": ("a.txt", b"a")}}


def _bundle(ids: Ids) -> dict[str, Any]:
    del ids
    return {"files": {"file": ("a.zip", bundle())}}


def _reads(ids: Ids) -> dict[str, Any]:
    return {"tool_resources": {"file_search": {"vector_store_ids": [ids["collection"]]}}}


def _shares(power: str) -> Callable[[Ids], Any]:
    def body(ids: Ids) -> dict[str, Any]:
        grantees = {name: [{"id": ids[name[:-1]], "powers": [power]}] for name in _GRANTEES}
        return {"visibility": "workspace", **grantees}

    return body


_GRANTEES = ("members", "groups")
_NEW = "peristyle-in-the-light"
_ASK = {"messages": [{"role": "user", "content": "Hi"}]}
_STRANGER = {"email": "stranger@example.org", "password": PASSWORD}
_PRICE = {
    "model": "athena",
    "input_per_million": "1",
    "cached_input_per_million": "0.5",
    "output_per_million": "2",
}
_LIMIT = {"scope": "member", "requests_per_minute": 60, "tokens_per_minute": 60_000}
_NOT_A_TOKEN = "not-a-token-" + "x" * 32

BODIES: dict[Route, Body] = {
    ("POST", "/v1/prices"): _just(_PRICE),
    ("PUT", "/v1/admin/limits"): _just(_LIMIT),
    ("POST", "/v1/accounts"): _just({**_STRANGER, "name": "S", "invite": _NOT_A_TOKEN}),
    ("POST", "/v1/accounts/claim"): _just({**_STRANGER, "name": "S", "token": _NOT_A_TOKEN}),
    ("POST", "/v1/sessions"): _just(_STRANGER),
    ("POST", "/v1/invites/look"): _just({"token": _NOT_A_TOKEN}),
    ("POST", "/v1/invites/accept"): _just({"token": _NOT_A_TOKEN}),
    ("POST", "/v1/invites/sign-in"): _just({"token": _NOT_A_TOKEN, "password": PASSWORD}),
    ("POST", "/v1/accounts/confirm"): _just({"token": _NOT_A_TOKEN}),
    ("POST", "/v1/password-resets"): _just({"email": "nobody@example.org"}),
    ("POST", "/v1/password-resets/use"): _just({"token": _NOT_A_TOKEN, "password": _NEW}),
    ("POST", "/v1/me/password"): _just({"old_password": PASSWORD, "password": _NEW}),
    ("POST", "/v1/me/email"): _just({"email": "new@example.org", "password": PASSWORD}),
    ("POST", "/v1/me/export"): _just({"password": PASSWORD}),
    ("POST", "/v1/me/delete"): _just({"password": PASSWORD}),
    ("PATCH", "/v1/me"): _just({"name": "Newname"}),
    ("PUT", "/v1/sessions/current"): _json(lambda ids: {"workspace_id": ids["workspace"]}),
    ("POST", "/v1/workspaces"): _just({"name": "Corinth"}),
    ("PATCH", "/v1/workspaces/{workspace_id}"): _just({"name": "Corinth"}),
    ("PATCH", "/v1/workspaces/{workspace_id}/members/{member_id}"): _just({"role": "guest"}),
    ("POST", "/v1/groups"): _json(lambda ids: {"name": "New", "members": [ids["member"]]}),
    ("PATCH", "/v1/groups/{group_id}"): _just({"name": "Renamed"}),
    ("POST", "/v1/groups/{group_id}"): _just({"name": "Renamed"}),
    ("POST", "/v1/vector_stores/{collection_id}/urls"): _just({"url": "https://example.org/"}),
    ("PUT", "/v1/vector_stores/{collection_id}/sharing"): _json(_shares("download")),
    ("POST", "/v1/admin/invites"): _just({"email": "x@example.org", "role": "member"}),
    ("POST", "/v1/keys"): _json(lambda ids: {"name": "k", "assistant_id": ids["assistant"]}),
    ("POST", "/v1/assistants"): _json(lambda ids: {"name": "New", **_reads(ids)}),
    ("POST", "/v1/assistants/{assistant_id}"): _json(_reads),
    ("PATCH", "/v1/assistants/{assistant_id}"): _json(_reads),
    ("POST", "/v1/assistants/import"): _bundle,
    ("POST", "/v1/assistants/import/gpt"): _just({"name": "Trips"}),
    ("POST", "/v1/assistants/{assistant_id}/publish"): _just({"note": "New."}),
    ("PUT", "/v1/assistants/{assistant_id}/avatar"): lambda _: {"content": red()},
    ("POST", "/v1/assistants/{assistant_id}/duplicate"): _just({"name": "Other"}),
    ("POST", "/v1/assistants/{assistant_id}/transfer"): _json(
        lambda ids: {"member_id": ids["member"]}
    ),
    ("PATCH", "/v1/assistants/{assistant_id}/versions/{number}"): _just({"note": "New."}),
    ("POST", "/v1/assistant_drafts"): _just({"description": "A guide to the agora."}),
    ("POST", "/v1/assistants/{assistant_id}/search"): _just({"query": "When is it open?"}),
    ("PUT", "/v1/assistants/{assistant_id}/sharing"): _json(_shares("edit")),
    ("POST", "/v1/assistants/{assistant_id}/sharing/{grantee_id}"): _just({"powers": ["edit"]}),
    ("PUT", "/v1/assistants/{assistant_id}/listing"): _just({"names_documents": True}),
    ("POST", "/v1/vector_stores/{collection_id}/sharing/{grantee_id}"): _just(
        {"powers": ["download"]}
    ),
    ("POST", "/v1/budgets"): _json(
        lambda ids: {
            "subject": "member",
            "subject_id": ids["member"],
            "amount": "9",
            "period": "day",
        }
    ),
    ("POST", "/v1/budgets/{budget_id}"): _just({"amount": "8"}),
    ("PATCH", "/v1/budgets/{budget_id}"): _just({"amount": "8"}),
    ("POST", "/v1/chat/completions"): _json(lambda ids: {"model": ids["assistant"], **_ASK}),
    ("POST", "/a/{assistant}/v1/chat/completions"): _just(_ASK),
    ("POST", "/a/{assistant}/v1/files"): _upload,
    ("POST", "/v1/files"): _upload,
    ("POST", "/v1/conversations"): _json(lambda ids: {"assistant_id": ids["assistant"]}),
    ("POST", "/v1/conversations/{conversation_id}/turns"): _just({"text": "Hi"}),
    ("POST", "/v1/conversations/{conversation_id}/files"): _upload,
    ("POST", "/v1/conversations/{conversation_id}/branch"): _json(
        lambda ids: {"message_id": ids["message"]}
    ),
    ("PATCH", "/v1/conversations/{conversation_id}"): _json(
        lambda ids: {"title": "Renamed", "folder_id": ids["folder"]}
    ),
    ("PUT", "/v1/catalog/listings/{slug}/rating"): _just({"stars": 4, "review": "Clear."}),
    ("POST", "/v1/catalog/listings/{slug}/reports"): _just({"reason": "spam", "words": "Loud."}),
    ("PUT", "/v1/admin/catalog/featured"): _json(lambda ids: {"slugs": [ids["listing"]]}),
    ("PUT", "/v1/admin/listings/{slug}/takedown"): _just({"words": "It misleads."}),
    ("POST", "/v1/admin/reports/{case_id}/close"): _just({"outcome": "dismissed"}),
    ("PUT", "/v1/assistants/{assistant_id}/takedown/answer"): _just({"words": "Look again."}),
    ("POST", "/v1/assistants/{assistant_id}/links"): _just({"name": "Friends"}),
    ("PUT", "/v1/messages/{message_id}/feedback"): _just({"rating": "up"}),
    ("POST", "/v1/folders"): _just({"name": "New"}),
    ("PATCH", "/v1/folders/{folder_id}"): _just({"name": "Renamed"}),
    ("POST", "/v1/vector_stores"): _json(lambda ids: {"name": "New", "file_ids": [ids["file"]]}),
    ("POST", "/v1/vector_stores/{collection_id}"): _just({"name": "Renamed"}),
    ("POST", "/v1/vector_stores/{collection_id}/files"): _json(
        lambda ids: {"file_id": ids["file"]}
    ),
    ("POST", "/v1/vector_stores/{collection_id}/files/{file_id}"): _just({"attributes": {}}),
    ("POST", "/v1/vector_stores/{collection_id}/files/{file_id}/replace"): _json(
        lambda ids: {"file_id": ids["file"]}
    ),
    ("POST", "/v1/vector_stores/{collection_id}/file_batches"): _json(
        lambda ids: {"files": [{"file_id": ids["file"]}]}
    ),
    ("POST", "/v1/vector_stores/{collection_id}/files/{file_id}/passages/{passage_id}"): _just(
        {"is_off": True}
    ),
    ("POST", "/v1/vector_stores/{collection_id}/search"): _just({"query": "When is it open?"}),
}
"""What is sent; routes without an entry are sent nothing."""

QUERIES: dict[Route, Body] = {
    ("DELETE", "/v1/admin/limits"): lambda _: {"params": {"scope": "member"}},
    ("GET", "/v1/keys"): lambda ids: {"params": {"assistant_id": ids["assistant"]}},
    ("GET", "/v1/budgets"): lambda ids: {"params": {"workspace_id": ids["workspace"]}},
}
"""Ids in the query string."""

PATH_KINDS = {
    "assistant_id": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "collection_id": "collection",
    "file_id": "file",
    "attached_id": "attached",
    "picture_hash": "picture",
    "batch_id": "batch",
    "budget_id": "budget",
    "slug": "listing",
    "case_id": "case",
    "original": "original",
    "handle": "builder",
    "passage_id": "passage",
    "conversation_id": "conversation",
    "folder_id": "folder",
    "message_id": "message",
    "turn_id": "turn",
    "share_id": "share",
    "link_id": "link",
    "door": "door",
    "token": "token",
    "key_id": "key",
    "invite_id": "invite",
    "member_id": "member",
    "grantee_id": "member",
    "group_id": "group",
    "workspace_id": "workspace",
    "session_id": "session",
    "entry_id": "entry",
    "reconciliation_id": "reconciliation",
}
"""Names of path parameters -> the kind of id they take."""


@dataclass(frozen=True)
class Call:
    """A request to be made, and which kinds of id it names."""

    route: Route
    path: str
    what: dict[str, Any]
    kinds: frozenset[str] = field(default_factory=frozenset)


def call(route: Route, given: Mapping[str, str]) -> Call:
    """The request for a route with these ids."""
    ids, path = Ids(given), route[1].replace("{number}", "1")
    for name, kind in PATH_KINDS.items():
        if "{" + name + "}" in path:
            path = path.replace("{" + name + "}", ids[kind])
    assert "{" not in path, f"{route}: a path parameter that no kind of id is known for"
    what = {**BODIES.get(route, _nothing)(ids), **QUERIES.get(route, _nothing)(ids)}
    return Call(route, path, what, frozenset(ids.used))
