"""Web served before the gateway with two cities in it, and those who visit its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.support.serving import served
from tests.support.waiting import wait_until
from tests.unit.gateway.matrix.world import ATHENIAN, LEAKS, SPARTAN, World, a_world
from tests.unit.web.matrix.calls import FILES, Route, call
from web.forgery import FormTokens
from web.main import build_app
from web.settings import Settings

PEOPLE = (
    "anonymous",
    "other",
    "guest",
    "member",
    "user",
    "editor",
    "keeper",
    "admin",
    "owner",
    "operator",
    "suspended",
    "pending",
    "visitor",
    "passer",
)
"""The columns of the table, as in the gateway's. visitor, passer: guests without an account, who
came by a link to an assistant of Athens, and of Sparta."""
GUESTS = {"visitor": "athens", "passer": "sparta"}

LET_IN = ("user", "editor", "keeper", "admin", "owner")
"""To whom something of the keeper's may be shown."""

LETTERS = {401: "u", 403: "f", 404: "h", 400: "i", 422: "i", 409: "c", 429: "l", 503: "s"}
_READING = ("POST", "/admin/reports/{case_id}/read")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{64}={0,2}")
_REQUEST = re.compile(r"req_[A-Za-z0-9]+")
_VISIT = "a-visit-of-the-tests"


@dataclass(frozen=True)
class Stage:
    """Both servers, and the people of both cities with a browser each."""

    world: World
    web: httpx2.Client
    tokens: FormTokens

    def ask(self, row: Route, who: str, ids: dict[str, str]) -> httpx2.Response:
        """What a person's browser gets: a whole page, if any, with nothing that is not theirs."""
        asking, session = call(row, ids), self._session(who)
        cookies = f"test_visit={_VISIT}" + (f"; test_session={session}" if session else "")
        if who in GUESTS:
            door = getattr(self.world, GUESTS[who])["door"]
            cookies += f"; test_guest={door}~{self.world.people[who].token}"
        form = {"form_token": self.tokens.make(f"{_VISIT}.{session}"), **asking.fields}
        answer = self.web.request(
            row[0],
            asking.path,
            params=asking.query,
            data=form if row[0] == "POST" else None,
            files=FILES.get(row),
            headers={"cookie": cookies},
        )
        # What moderators read of a reported assistant is its instructions.
        foreign = [] if row == _READING else self._foreign_to(who)
        leaked = [leak for leak in foreign if leak in answer.text]
        assert leaked == [], f"{row} as {who} told {leaked}"
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        assert not is_page or "<!DOCTYPE html>" in answer.text, f"{row}: a piece of a page"
        asking_paths = ("/chat/", "/studio/{assistant_id}/preview", "/with/{room}/conversations")
        if row[0] == "POST" and row[1].startswith(asking_paths):
            self._until_answered()
        return answer

    def _session(self, who: str) -> str:
        return "" if who == "anonymous" or who in GUESTS else self.world.people[who].token

    def _foreign_to(self, who: str) -> list[str]:
        here = str(self.world.folder)
        if who == "other":
            return [*LEAKS, here, ATHENIAN]
        if who in GUESTS:
            return [*LEAKS, here, SPARTAN, ATHENIAN]
        return [*LEAKS, here, SPARTAN] + ([] if who in LET_IN else [ATHENIAN])

    def _until_answered(self) -> None:
        running = "SELECT count(*) FROM turns WHERE status = 'running'"
        connection, runner = self.world.connection, self.world.runner
        wait_until(
            lambda: runner.run(connection.fetchval(running)) == 0, seconds=20, what="the answer"
        )


@contextmanager
def a_stage(database_url: str, folder: Path) -> Iterator[Stage]:
    """Everything, until the block ends."""
    with a_world(database_url, folder) as world:
        world.athens |= _room_of(world, world.athens)
        world.sparta |= _room_of(world, world.sparta)
        settings = Settings(
            gateway_url=world.gateway.address,
            cookie_name="test",
            shared=world.gateway.settings.shared,
        )
        # A connection for each: what refuses an upload unread closes the one it came by.
        headers = {"accept": "text/html", "accept-language": "en", "connection": "close"}
        with (
            served(build_app(settings)) as address,
            httpx2.Client(base_url=address, headers=headers, timeout=60) as web,
        ):
            yield Stage(world, web, FormTokens(settings.shared.service_key()))


def _room_of(world: World, city: dict[str, str]) -> dict[str, str]:
    """The address of the room of a city's assistant, and a key that nobody has."""
    seen = world.gateway.http.get(f"/v1/doors/{city['door']}").json()
    return {"room": str(seen["slug"]), "widget": "pk-stoa-nobodys"}


def letter(row: Route, answer: httpx2.Response) -> str:
    """What an answer is: o shown, g gone on to another page, else refused."""
    if row == ("POST", "/logout"):
        return "g"
    if answer.status_code == 303:
        to = answer.headers["location"].partition("?")[0]
        return {"/login": "u", "/pending": "p"}.get(to, "g")
    return "o" if answer.status_code < 300 else LETTERS.get(answer.status_code, "?")


def words(answer: httpx2.Response, *ids: str) -> str:
    """A page, or where it sends one, without what differs each time, and without these ids."""
    shown = f"{answer.status_code} {answer.headers.get('location', '')} {answer.text}"
    for each in ids:
        shown = shown.replace(each, "…")
    return _REQUEST.sub("req", _TOKEN.sub("token", shown))
