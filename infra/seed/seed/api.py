"""The public API as the seeder calls it: answers as they come, failures as one sentence."""

import time
from typing import Any

import httpx2

from seed.errors import CannotSeed

_BUSY = (429, 503)
_LONGEST_PAUSE_SECONDS = 15.0
_WAIT_SECONDS = 120.0


class Refused(CannotSeed):
    """The gateway answered with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message.rstrip("."))
        self.status = status
        self.code = code


class Api:
    """Calls with one person's session."""

    def __init__(self, http: httpx2.Client, token: str = "") -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def as_person(self, token: str) -> "Api":
        """The same gateway, with somebody else's session."""
        return Api(self._http, token)

    def get(self, path: str, **query: str | int) -> Any:
        """Read something."""
        return self._send("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Make something."""
        return self._send("POST", path, json={} if body is None else body)

    def put(self, path: str, body: Any) -> Any:
        """Set something."""
        return self._send("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        """Take something away."""
        return self._send("DELETE", path)

    def upload(self, name: str, content: bytes) -> Any:
        """Store a file."""
        return self._send(
            "POST", "/v1/files", data={"purpose": "assistants"}, files={"file": (name, content)}
        )

    def all_of(self, path: str) -> list[Any]:
        """Every item of a list, page by page."""
        page = self.get(path, limit=100)
        found = list(page["data"])
        while page["has_more"]:
            page = self.get(path, limit=100, after=page["last_id"])
            found += page["data"]
        return found

    def listen(self, path: str, seconds: float) -> None:
        """Read an event stream to its end: a turn goes on as long as somebody reads it."""
        ends_at = time.monotonic() + seconds
        try:
            with self._http.stream("GET", path, headers=self._headers, timeout=seconds) as answer:
                for _ in answer.iter_bytes():
                    if time.monotonic() > ends_at:
                        raise CannotSeed(f"an answer took longer than {seconds:g} s")
        except httpx2.HTTPError as error:
            raise _away(error) from error

    def _send(self, method: str, path: str, **what: Any) -> Any:
        """One call; whoever is busy is asked again for a while."""
        ends_at = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                answer = self._http.request(method, path, headers=self._headers, **what)
            except httpx2.HTTPError as error:
                raise _away(error) from error
            if answer.is_success:
                return answer.json()
            pause = _pause_of(answer)
            if answer.status_code not in _BUSY or time.monotonic() + pause > ends_at:
                raise _refusal(answer)
            time.sleep(pause)


def _pause_of(answer: httpx2.Response) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given) if given.isdigit() else 2.0, _LONGEST_PAUSE_SECONDS)


def _refusal(answer: httpx2.Response) -> Refused:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return Refused(answer.status_code, "", f"Stoa answered {answer.status_code}")
    return Refused(answer.status_code, error["code"] or "", error["message"])


def _away(error: httpx2.HTTPError) -> CannotSeed:
    return CannotSeed(f"Stoa does not answer ({type(error).__name__}): is it running?")
