"""Every route, whoever asks, with every id it takes: the answer is the one in `table.txt`.

A refused call changes nothing, and leaves one row in the audit trail. A route that has no row in
the table fails.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx2
import pytest

from gateway.main import build_app
from tests.support.gateway import Databases, gateway_settings
from tests.unit.gateway.matrix.calls import Route, call
from tests.unit.gateway.matrix.table import REFUSED, letter, table
from tests.unit.gateway.matrix.world import PEOPLE, World, a_world, over


@cache
def routes() -> list[Route]:
    settings = gateway_settings("postgresql+asyncpg://nobody@127.0.0.1:9/none", Path())
    paths = build_app(settings).openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(databases.fresh(), tmp_path_factory.mktemp("matrix")) as made:
        yield made


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(routes()) == sorted(table())


@pytest.mark.parametrize("who", PEOPLE)
def test_each_answer_is_the_written_one(world: World, who: str) -> None:
    wrong = []
    for route, row in table().items():
        found, act = asked(world, route, who)
        if found != row.cells[who]:
            wrong.append(f"{route[0]} {route[1]}: written {row.cells[who]}, found {found}")
        if found == "o" and act not in row.act.split("|"):
            wrong.append(f"{route[0]} {route[1]}: an act {row.act} is written, found {act}")

    # What reading might have changed is looked for once, at the end.
    assert wrong == []
    assert world.changes() == ""


def asked(world: World, route: Route, who: str) -> tuple[str, str]:
    """The letter of the answer, with a remark when a refusal left more or less than it should; and
    the act it left in the audit trail."""
    refusals = world.refusals()
    answer = sent(world, route, who)
    found = letter(answer.status_code)
    is_reading = route[0] == "GET"
    if found not in REFUSED:
        if not is_reading:
            world.put_back()
        return found, world.acts_of(answer.headers["x-request-id"])
    if not is_reading and (changes := world.changes()):
        world.put_back()
        return f"{found}, but {changes} changed", "-"
    recorded = world.refusals() - refusals
    return found if recorded == 1 else f"{found}, but {recorded} rows in the audit trail", "-"


def sent(world: World, route: Route, who: str) -> httpx2.Response:
    asking = call(route, world.athens)
    answer = world.ask(route[0], asking.path, who, **asking.what)
    if route[1].endswith("/turns") and answer.is_success:
        over(world.gateway, world.people[who], answer.json()["id"])
    return answer


def test_a_foreign_id_is_an_unknown_one_wherever_it_is_put(world: World) -> None:
    """Each id a route takes, alone, from the other city: as if nothing had that id."""
    wrong = []
    for route in routes():
        for kind in sorted(call(route, world.athens).kinds):
            expected = FOREIGN.get((route, kind), 404)
            if route == _READING:  # what it gives to operators is what this looks for
                continue
            foreign = with_strange_id(world, route, kind, world.sparta[kind])
            unknown = with_strange_id(world, route, kind, unknown_like(world.sparta[kind]))
            if expected is not OF_ANYBODY and (foreign != unknown or foreign[0] != expected):
                wrong.append((route, kind, foreign, unknown))

    assert wrong == []


def with_strange_id(world: World, route: Route, kind: str, strange_id: str) -> tuple[int, object]:
    """Status and error of a call that is all right but for one id; it must change nothing."""
    asking = call(route, {**world.athens, kind: strange_id})
    who = next(name for name in ABLE if table()[route].cells[name] not in REFUSED)
    answer = world.ask(route[0], asking.path, who, **asking.what)
    changes = world.changes()
    if changes or answer.is_success:
        world.put_back()
    if changes:
        return answer.status_code, f"{changes} changed"
    error = answer.json()["error"] if answer.is_error else answer.text
    return answer.status_code, str(error).replace(strange_id, "…")


def unknown_like(given: str) -> str:
    """An id of the same shape that nothing has."""
    return given[:-8] + "zzzzzzzz"


OF_ANYBODY = 0
_READING = ("POST", "/v1/admin/reports/{case_id}/reading")
_CORRECT = ("POST", "/v1/admin/reconciliations/{reconciliation_id}/findings/{number}/correction")
ABLE = ("keeper", "owner", "operator", "anonymous")
FOREIGN: dict[tuple[Route, str], int] = {
    # The operator runs the installation, whatever workspace people are in.
    (("POST", "/v1/admin/members/{member_id}/suspend"), "member"): OF_ANYBODY,
    (("POST", "/v1/admin/members/{member_id}/reinstate"), "member"): OF_ANYBODY,
    (_CORRECT, "reconciliation"): OF_ANYBODY,
    # Operators keep the whole store in order.
    (("GET", "/v1/admin/reports/{case_id}"), "case"): OF_ANYBODY,
    (("POST", "/v1/admin/reports/{case_id}/close"), "case"): OF_ANYBODY,
    (("PUT", "/v1/admin/listings/{slug}/takedown"), "listing"): OF_ANYBODY,
    (("DELETE", "/v1/admin/listings/{slug}/takedown"), "listing"): OF_ANYBODY,
    (("PUT", "/v1/admin/catalog/featured"), "listing"): OF_ANYBODY,
    # Whoever holds a share link and is signed in reads it: that is what it is for.
    (("GET", "/v1/shared/{token}"), "token"): OF_ANYBODY,
    # Whoever holds a link comes in by it, whatever workspace its assistant is in.
    **{
        ((method, f"/v1/doors/{{door}}{path}"), "door"): OF_ANYBODY
        for method, path in (
            ("GET", ""),
            ("GET", "/avatar"),
            ("POST", "/follow"),
            ("POST", "/visits"),
        )
    },
    # The store is everybody's, whatever workspace its assistants are in.
    **{
        ((method, f"/v1/catalog/{path}"), kind): OF_ANYBODY
        for method, path, kind in (
            ("GET", "listings/{slug}", "listing"),
            ("GET", "listings/{slug}/reviews", "listing"),
            ("POST", "listings/{slug}/reports", "listing"),
            ("GET", "listings/{slug}/reports", "listing"),
            ("DELETE", "listings/{slug}/reports", "listing"),
            ("PUT", "listings/{slug}/rating", "listing"),
            ("DELETE", "listings/{slug}/rating", "listing"),
            ("POST", "listings/{original}/copy", "original"),
            ("GET", "builders/{handle}", "builder"),
        )
    },
    # Whoever is not in a group is out of it already.
    (("DELETE", "/v1/groups/{group_id}/members/{member_id}"), "member"): 200,
    # Whom nothing was shared with has nothing taken from them.
    (("DELETE", "/v1/assistants/{assistant_id}/sharing/{grantee_id}"), "member"): 200,
    (("DELETE", "/v1/vector_stores/{collection_id}/sharing/{grantee_id}"), "member"): 200,
    # What is no assistant may be a model of the engines, and those are away here.
    (("POST", "/v1/chat/completions"), "assistant"): 503,
    (("GET", "/v1/models/{model}"), "assistant"): 503,
}
"""Where the answer to a foreign id is not 404."""
