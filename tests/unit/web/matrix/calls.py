"""How each page is asked for and each form sent: the ids in its address, the fields it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.bundles import bundle
from tests.support.gateway import PASSWORD
from tests.support.portraits import red
from tests.unit.gateway.matrix.calls import Ids

Route = tuple[str, str]
Fields = Callable[[Ids], dict[str, str]]

_NOT_A_TOKEN = "not-a-token-" + "x" * 32
_STRANGER = {"email": "stranger@example.org", "name": "Stranger"}
_NEW = {"password": "peristyle-in-the-light", "password_again": "peristyle-in-the-light"}


def _just(**fields: str) -> Fields:
    return lambda _: fields


def _share(power: str) -> Fields:
    return lambda ids: {"grantee": ids["member"], "power": power}


def _member(ids: Ids) -> dict[str, str]:
    return {"member": ids["member"]}


_PEOPLE = "/studio/{assistant_id}/people/"
_KNOWLEDGE = "/studio/{assistant_id}/knowledge/{collection_id}/{file_id}"
FIELDS: dict[Route, Fields] = {
    ("POST", _KNOWLEDGE + "/passages/{passage_id}"): _just(is_off="yes"),
    ("POST", "/account/delete"): _just(password=PASSWORD),
    ("POST", "/account/email"): _just(email="new@example.org", password=PASSWORD),
    ("POST", "/account/export"): _just(password=PASSWORD),
    ("POST", "/account/keys"): lambda ids: {
        "name": "k",
        "scopes": "chat",
        "assistant_id": ids["assistant"],
    },
    ("POST", "/account/name"): _just(name="Newname"),
    ("POST", "/account/password"): _just(old_password=PASSWORD, **_NEW),
    ("POST", "/admin/budgets"): _just(
        subject="each_guest",
        amount="1",
        period="day",
        hard="yes",
        currency="USD",
        warn_percent="80",
    ),
    ("POST", "/admin/groups"): _just(name="New"),
    ("POST", "/admin/groups/{group_id}/add"): _member,
    ("POST", "/admin/groups/{group_id}/remove"): _member,
    ("POST", "/admin/groups/{group_id}/rename"): _just(name="Renamed"),
    ("POST", "/admin/limits"): _just(
        scope="member", requests_per_minute="60", tokens_per_minute="60,000"
    ),
    ("POST", "/admin/limits/remove"): _just(scope="member"),
    ("POST", "/admin/prices"): _just(
        model="athena",
        currency="USD",
        input_per_million="1",
        cached_input_per_million="0",
        output_per_million="2",
    ),
    ("POST", "/admin/invites"): _just(email="x@example.org", role="member"),
    ("POST", "/chat/conversations"): lambda ids: {"text": "Hi", "assistant_id": ids["assistant"]},
    ("POST", "/chat/{conversation_id}/turns"): _just(text="Hi"),
    ("POST", "/chat/{conversation_id}/branch"): lambda ids: {"message_id": ids["message"]},
    ("POST", "/chat/{conversation_id}/keep"): lambda ids: {
        "title": "Renamed",
        "folder_id": ids["folder"],
    },
    ("POST", "/chat/messages/{message_id}/feedback"): _just(rating="up"),
    ("POST", "/chat/folders/{folder_id}/rename"): _just(name="Renamed"),
    ("POST", "/store/{slug}/report"): _just(reason="spam", words="Loud."),
    ("POST", "/admin/reports/{case_id}/close"): _just(outcome="dismissed"),
    ("POST", "/admin/listings/{slug}/takedown"): _just(words="It misleads."),
    ("POST", "/admin/store"): lambda ids: {"act": "add", "new": ids["listing"]},
    ("POST", "/studio/{assistant_id}/takedown/answer"): _just(words="Look again."),
    ("POST", "/studio/{assistant_id}/links"): _just(name="Friends"),
    ("POST", "/with/{room}/conversations"): lambda ids: {"text": "Hi", "door": ids["door"]},
    ("POST", "/with/{room}/c/{conversation_id}/turns"): _just(text="Hi"),
    ("POST", "/with/{room}/c/{conversation_id}/branch"): lambda ids: {"message_id": ids["message"]},
    ("POST", "/with/{room}/messages/{message_id}/feedback"): _just(rating="up"),
    ("POST", "/store/{slug}/rating"): _just(stars="4", review="Clear."),
    ("POST", "/claim"): _just(token=_NOT_A_TOKEN, **_STRANGER, **_NEW),
    ("POST", "/confirm"): _just(token=_NOT_A_TOKEN),
    ("POST", "/forgot"): _just(email="nobody@example.org"),
    ("POST", "/join"): _just(invite=_NOT_A_TOKEN, **_STRANGER, **_NEW),
    ("POST", "/join/accept"): _just(invite=_NOT_A_TOKEN),
    ("POST", "/join/sign-in"): _just(invite=_NOT_A_TOKEN, password=PASSWORD),
    ("POST", "/language"): _just(language="zh-Hans", next="/"),
    ("POST", "/login"): _just(email="stranger@example.org", password=PASSWORD, next="/"),
    ("POST", "/reset"): _just(token=_NOT_A_TOKEN, **_NEW),
    ("POST", "/signup"): _just(**_STRANGER, **_NEW),
    ("POST", "/studio/new"): _just(wish="A guide to the agora."),
    ("POST", "/studio"): _just(name="New"),
    ("POST", "/studio/{assistant_id}"): _just(name="Renamed"),
    ("POST", "/studio/{assistant_id}/keys"): _just(name="k", scopes="chat"),
    ("POST", "/studio/{assistant_id}/websites"): _just(name="k", origins="https://a.example"),
    ("POST", "/studio/{assistant_id}/pages"): _just(url="https://example.org/"),
    ("POST", "/studio/{assistant_id}/preview"): _just(text="Hi"),
    ("POST", "/studio/{assistant_id}/search"): _just(query="Hi"),
    ("POST", "/studio/{assistant_id}/sharing"): _just(visibility="workspace"),
    ("POST", _PEOPLE + "{assistant}/add"): _share("edit"),
    ("POST", _PEOPLE + "{assistant}/remove"): lambda ids: {"grantee": ids["member"]},
    ("POST", _PEOPLE + "{assistant}/visibility"): _just(visibility="workspace"),
    ("POST", _PEOPLE + "{collection}/add"): _share("download"),
    ("POST", _PEOPLE + "{collection}/remove"): lambda ids: {"grantee": ids["member"]},
    ("POST", _PEOPLE + "{collection}/visibility"): _just(visibility="workspace"),
    ("POST", "/studio/{assistant_id}/duplicate"): _just(name="Other"),
    ("POST", "/studio/{assistant_id}/listing"): _just(instructions="shown"),
    ("POST", "/studio/{assistant_id}/transfer"): _member,
    ("POST", "/studio/{assistant_id}/versions/{number}/note"): _just(note="New."),
    ("POST", "/studio/import/gpt"): _just(name="Trips"),
    ("POST", "/shortcuts"): _just(keys="off"),
    ("POST", "/zone"): _just(zone="Europe/Berlin", then="/"),
    ("POST", "/workspaces/current"): lambda ids: {"workspace_id": ids["workspace"]},
    ("POST", "/workspaces/new"): _just(name="Corinth"),
    ("POST", "/workspaces/{workspace_id}/name"): _just(name="Corinth"),
    ("POST", "/workspaces/{workspace_id}/members/{member_id}/role"): _just(role="guest"),
}
"""What is sent beside the form's token; forms without an entry have no fields."""

QUERIES: dict[Route, Fields] = {
    ("GET", "/chat/new"): lambda ids: {"assistant": ids["assistant"]},
    ("GET", "/leave"): _just(to="https://example.org/"),
    ("GET", "/claim"): _just(token=_NOT_A_TOKEN),
    ("GET", "/confirm"): _just(token=_NOT_A_TOKEN),
    ("GET", "/reset"): _just(token=_NOT_A_TOKEN),
    ("GET", "/join"): _just(invite=_NOT_A_TOKEN),
}
FILES = {
    ("POST", "/studio/uploads/{assistant_id}"): {"files": ("a.txt", b"a")},
    ("POST", "/chat/{conversation_id}/files"): {"files": ("a.txt", b"a")},
    ("POST", "/studio/uploads/{assistant_id}/{collection_id}/{file_id}"): {"file": ("b.txt", b"b")},
    ("POST", "/studio/uploads/{assistant_id}/avatar"): {"picture": ("a.png", red())},
    ("POST", "/studio/uploads/import/bundle"): {"file": ("a.zip", bundle())},
}
VARIANTS = {"{target}": ("{assistant}", "{collection}"), "{verb}": ("suspend", "reinstate")}
"""Parts of an address that stand for several kinds of thing: each is a row of its own."""

KINDS = {
    "assistant_id": "assistant",
    "assistant": "assistant",
    "collection": "collection",
    "collection_id": "collection",
    "file_id": "file",
    "attached_id": "attached",
    "passage_id": "passage",
    "picture_hash": "picture",
    "conversation_id": "conversation",
    "folder_id": "folder",
    "message_id": "message",
    "turn_id": "turn",
    "share_id": "share",
    "token": "token",
    "key_id": "key",
    "invite_id": "invite",
    "member_id": "member",
    "group_id": "group",
    "budget_id": "budget",
    "workspace_id": "workspace",
    "session_id": "session",
    "entry_id": "entry",
    "reconciliation_id": "reconciliation",
    "slug": "listing",
    "case_id": "case",
    "original": "original",
    "link": "door",
    "link_id": "link",
    "room": "room",
    "key": "widget",
    "handle": "builder",
}
"""Names in addresses -> the kind of id that goes there."""


@dataclass(frozen=True)
class Call:
    """A page asked for or a form sent, and which kinds of id it names."""

    path: str
    query: dict[str, str]
    fields: dict[str, str]
    kinds: frozenset[str] = field(default_factory=frozenset)


def rows_of(route: Route) -> list[Route]:
    """The rows a route has in the table: one for each kind of thing it is for."""
    for part, kinds in VARIANTS.items():
        if part in route[1]:
            return [(route[0], route[1].replace(part, kind)) for kind in kinds]
    return [route]


def call(row: Route, given: Mapping[str, str]) -> Call:
    """The request for a row with these ids."""
    ids, path = Ids(given), row[1].replace("{number}", "1")
    for name, kind in KINDS.items():
        if "{" + name + "}" in path:
            path = path.replace("{" + name + "}", ids[kind])
    assert "{" not in path, f"{row}: a part of the address that no kind of id is known for"
    nothing = _just()
    query, fields = QUERIES.get(row, nothing)(ids), FIELDS.get(row, nothing)(ids)
    return Call(path, query, fields, frozenset(ids.used))
