"""The calls an assistant's page shows, run as they stand there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest

from tests.integration.gateway_chat.places import HANDBOOK, Place
from tests.support.node_sdk import run_module
from tests.support.web_pages import web_settings
from tests.support.web_people import Person, browser
from web.main import build_app

STARTER = 'How many days of annual leave a year for full-time staff? What\'s "full-time"?'
ANSWER = f"{HANDBOOK[0]} [1]"


@dataclass(frozen=True)
class Shown:
    """An assistant's page just after a key was made on it."""

    text: str

    def call(self, language: str) -> str:
        """The call in one language, as a reader copies it."""
        found = re.search(rf'id="sample-{language}".*?<code>(.*?)</code>', self.text, re.DOTALL)
        assert found is not None
        return unescape(found[1])


@pytest.fixture(scope="module")
def shown(place: Place, ada: httpx2.Client, assistant_of_ada: str) -> Iterator[Shown]:
    ada.patch(f"/v1/assistants/{assistant_of_ada}", json={"starters": [STARTER]})
    view = ada.get(f"/v1/assistants/{assistant_of_ada}").json()
    token = ada.headers["authorization"].removeprefix("Bearer ")
    with browser(build_app(web_settings(place.gateway))) as client:
        client.cookies.set("test_session", token)
        fields: dict[str, str | list[str]] = {"name": "Ready-made", "scopes": ["chat"]}
        response = Person(client).post(f"/studio/{view['id']}/keys", fields)
        assert response.status_code == 200, response.text
        yield Shown(response.text)


def test_the_curl_call_answers(shown: Shown) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", shown.call("curl") + " --silent --show-error"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ANSWER in ended.stdout


def test_the_python_call_answers(shown: Shown) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", shown.call("python")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ended.stdout == f"{ANSWER}\n"


def test_the_javascript_call_answers(shown: Shown) -> None:
    assert run_module(shown.call("javascript")) == f"{ANSWER}\n"
