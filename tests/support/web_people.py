"""People who visit web's pages in tests without a browser."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

PASSWORD = "a long password"
_TOKEN = re.compile(r'name="form_token"\s+value="([^"]+)"')
Files = list[tuple[str, tuple[str, bytes]]]


class Person:
    """Somebody with a browser of sorts: follows no redirect, sends forms with the page's token."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        return self.client.get(path, headers=headers)

    def token(self) -> str:
        """A form token of this person's own pages."""
        page = self.client.get("/login")
        found = _TOKEN.search((page if page.text else self.client.get("/account")).text)
        assert found is not None
        return found[1]

    def post(
        self,
        path: str,
        fields: Mapping[str, str | list[str]] | None = None,
        files: Files | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        data = {"form_token": self.token(), **(fields or {})}
        return self.client.post(path, data=data, files=files, headers=headers)

    def sign_in(self, email: str) -> None:
        response = self.post("/login", {"email": email, "password": PASSWORD, "next": "/"})
        assert response.status_code == 303, response.text


def browser(app: FastAPI) -> TestClient:
    """A browser of sorts that reads English."""
    return TestClient(
        app,
        follow_redirects=False,
        headers={"accept": "text/html", "accept-language": "en"},
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words_of(response: httpx2.Response) -> str:
    """What a person reads, blanks made one."""
    parser = _Words()
    parser.feed(response.text)
    return " ".join("".join(parser.words).split())
