"""Every page and form of web, whoever asks, with every id it takes: the answer is the one in
`table.txt`, and a refused form changes nothing. A route that has no row in the table fails.
"""

import itertools
from collections.abc import Iterator
from functools import cache

import pytest

from tests.support.engines import postgres_server
from tests.support.gateway import Databases
from tests.support.web_pages import web_settings
from tests.unit.gateway.matrix.test_matrix import unknown_like
from tests.unit.web.matrix.calls import Route, call, rows_of
from tests.unit.web.matrix.stage import PEOPLE, Stage, a_stage, letter, words
from tests.unit.web.matrix.table import table
from tests.unit.web.test_every_page import routes
from web.main import build_app

SENT_AWAY = frozenset("up")
REFUSED = SENT_AWAY | frozenset("fhilc")
"""What must leave everything as it was."""


@cache
def rows() -> list[Route]:
    found = routes(build_app(web_settings("http://127.0.0.1:9")))
    return [row for route in found for row in rows_of(route)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with (
        postgres_server() as postgres,
        a_stage(Databases(postgres).fresh(), tmp_path_factory.mktemp("web")) as made,
    ):
        yield made


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(rows()) == sorted(table())


@pytest.mark.parametrize("who", PEOPLE)
def test_each_answer_is_the_written_one(stage: Stage, who: str) -> None:
    wrong = []
    for row, cells in table().items():
        found = asked(stage, row, who)
        if found != cells[who]:
            wrong.append(f"{row[0]} {row[1]}: written {cells[who]}, found {found}")

    # What reading might have changed is looked for once, at the end.
    assert wrong == []
    assert stage.world.changes() == ""


def asked(stage: Stage, row: Route, who: str) -> str:
    """The letter of the answer, with a remark when a refusal changed something."""
    found = letter(row, stage.ask(row, who, dict(stage.world.athens)))
    if row[0] == "GET" or found in SENT_AWAY:
        return found  # looked at once, at the end
    if found not in REFUSED:
        stage.world.put_back()
    elif changes := stage.world.changes():
        stage.world.put_back()
        return f"{found}, but {changes} changed"
    return found


def test_a_foreign_id_looks_like_an_unknown_one_on_every_page(stage: Stage) -> None:
    """Each id, alone, of the other city: the same status, the same page, the same words."""
    wrong = []
    for row, kind in with_ids():
        if row in OF_ANYBODY:
            continue
        foreign_id = stage.world.sparta[kind]
        unknown_id = unknown_like(foreign_id)
        foreign, unknown = (strange(stage, row, kind, each) for each in (foreign_id, unknown_id))
        if foreign != unknown or not refuses(row, kind, foreign):
            wrong.append(f"{row} {kind}: {foreign[:40]} | {unknown[:40]}")

    assert not wrong, "\n".join(wrong)


def test_what_cannot_be_an_id_is_refused_on_every_page(stage: Stage) -> None:
    wrong = []
    for row, kind in with_ids():
        nonsense = next(NONSENSE)
        seen = strange(stage, row, kind, nonsense)
        if not refuses(row, kind, seen):
            wrong.append(f"{row} {kind} {nonsense[:20]}: {seen[:60]}")

    assert not wrong, "\n".join(wrong)


def with_ids() -> list[tuple[Route, str]]:
    """Each row with each kind of id it takes."""
    athens = dict.fromkeys(ALL_KINDS, "some-id")
    return [(row, kind) for row in rows() for kind in sorted(call(row, athens).kinds)]


def strange(stage: Stage, row: Route, kind: str, strange_id: str) -> str:
    """The page that somebody gets who may do all this, had they not named one strange id."""
    who = next((name for name in ABLE if table()[row][name] not in "upfh"), "keeper")
    answer = stage.ask(row, who, {**stage.world.athens, kind: strange_id})
    changes = stage.world.changes() if row[0] == "POST" else ""
    if changes:
        stage.world.put_back()
    return (f"changed {changes}: " if changes else "") + words(answer, strange_id)


def refuses(row: Route, kind: str, seen: str) -> bool:
    """The page says no; or that id is one it only hands on."""
    return seen.startswith("4") or (row, kind) in HANDED_ON


ABLE = ("keeper", "owner", "operator", "anonymous")
ALL_KINDS = (
    "assistant", "picture", "collection", "file", "passage", "conversation", "attached", "turn",
    "key", "invite", "member", "group", "workspace", "session", "entry", "budget", "reconciliation",
    "folder", "message", "listing", "original", "builder", "share", "token", "case", "door", "link",
    "room", "widget",
)  # fmt: skip
NONSENSE = itertools.cycle(("..%2f..%2fme", "a'b", "x" * 300, "%00", "<b>"))
_KNOWLEDGE = "/studio/{assistant_id}/knowledge/{collection_id}/{file_id}"
_PEOPLE = "/studio/{assistant_id}/people/"
HANDED_ON: frozenset[tuple[Route, str]] = frozenset(
    {
        # Stands in the links of the page or in where it goes on to, and is asked about there.
        (("GET", "/studio/{assistant_id}/keys"), "assistant"),
        (("GET", _KNOWLEDGE), "assistant"),
        (("GET", _KNOWLEDGE + "/flagged"), "assistant"),
        (("GET", _KNOWLEDGE + "/passages"), "assistant"),
        (("POST", _KNOWLEDGE + "/passages/{passage_id}"), "assistant"),
        (("POST", _KNOWLEDGE + "/delete"), "assistant"),
        (("POST", _PEOPLE + "{collection}/add"), "assistant"),
        (("POST", _PEOPLE + "{collection}/remove"), "assistant"),
        (("POST", _PEOPLE + "{collection}/visibility"), "assistant"),
        (("GET", "/workspaces/{workspace_id}/name"), "workspace"),
        # The link is found by its own id.
        (("POST", "/chat/{conversation_id}/shares/{share_id}/revoke"), "conversation"),
        # Who is not in a list is out of it already.
        (("POST", "/admin/groups/{group_id}/remove"), "member"),
        (("POST", _PEOPLE + "{assistant}/remove"), "member"),
        (("POST", _PEOPLE + "{collection}/remove"), "member"),
    }
)
"""Ids that are not looked up: the answer is the same whosever they are."""

OF_ANYBODY = (
    ("POST", "/admin/members/{member_id}/suspend"),
    ("POST", "/admin/members/{member_id}/reinstate"),
    ("POST", "/admin/reconciliations/{reconciliation_id}/findings/{number}/correct"),
    ("GET", "/store/{slug}"),
    ("GET", "/store/builders/{handle}"),
    ("POST", "/store/{slug}/report"),
    ("POST", "/store/{slug}/report/remove"),
    ("GET", "/admin/reports/{case_id}"),
    ("POST", "/admin/reports/{case_id}/read"),
    ("POST", "/admin/reports/{case_id}/close"),
    ("POST", "/admin/store"),
    ("POST", "/admin/listings/{slug}/takedown"),
    ("POST", "/admin/listings/{slug}/let-back"),
    ("POST", "/store/{original}/copy"),
    ("POST", "/store/{slug}/rating"),
    ("POST", "/store/{slug}/rating/remove"),
    ("GET", "/shared/{token}"),
    ("GET", "/l/{link}"),
    ("GET", "/l/{link}/picture"),
    ("POST", "/l/{link}/follow"),
)
"""The operator runs the installation, whatever workspace people are in; the store is for all, and
a share link for whoever holds it."""
