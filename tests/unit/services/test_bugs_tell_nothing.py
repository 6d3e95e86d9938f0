"""A bug and a neighbour that talks nonsense: a plain answer, and one line in the log (T10)."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from inference.main import build_app as build_inference
from inference.settings import SimulatorSettings
from retrieval.main import build_app as build_retrieval
from tests.support.canaries import PASSWORD, leaks, saying_everything
from tests.support.inference import inference_settings
from tests.support.nonsense import NONSENSE, TOLD, Nonsense, said
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served
from tests.support.web_pages import web_settings
from tests.support.web_people import Person, browser
from tests.unit.web.test_odd_texts import address, routes
from web.frame import SECURITY_HEADERS as WEB_HEADERS
from web.main import build_app as build_web

FOR_OTHER_SITES = {"/widget.js": {"cross-origin-resource-policy": "cross-origin"}}
"""A script that stands in pages of other web sites."""


class SecretPlace(RuntimeError):
    """A bug whose words nobody outside may read."""


async def boom() -> None:
    raise SecretPlace(f"/secret/place/{PASSWORD}")


@pytest.fixture
def apps(tmp_path: Path) -> dict[str, FastAPI]:
    """Each app with a bug in it."""
    found = {
        "retrieval": build_retrieval(retrieval_settings(tmp_path)),
        "inference": build_inference(inference_settings(SimulatorSettings(kind="simulator"))),
        "web": build_web(web_settings("http://127.0.0.1:9")),
    }
    for app in found.values():
        app.add_api_route("/boom", boom, methods=["GET", "POST"])
    return found


@pytest.mark.parametrize("service", ["retrieval", "inference", "web"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_bug_is_answered_plainly(apps: dict[str, FastAPI], service: str, accept: str) -> None:
    with saying_everything(service) as heard, served(apps[service]) as at:
        headers = {"accept": accept, "x-request-id": "request-of-a-test"}
        answer = httpx2.get(f"{at}/boom", headers=headers, timeout=20)

    assert answer.status_code == 500
    assert [word for word in TOLD if word in answer.text or word in str(answer.headers)] == []
    assert answer.headers["x-request-id"] == "request-of-a-test"
    assert "request-of-a-test" in answer.text
    if service == "web":
        assert {name: answer.headers.get(name) for name in WEB_HEADERS} == WEB_HEADERS
        assert answer.headers["cache-control"] == "no-store"
    lines = [json.loads(line) for line in heard.log.splitlines()]
    [told] = [line for line in lines if line["level"] == "error"]
    assert (told["message"], told["request_id"]) == ("unhandled error", "request-of-a-test")
    assert "SecretPlace" in told["error"]
    assert "in boom" in told["error"]
    assert "canary" not in heard.traces


@pytest.fixture(scope="module")
def nonsense() -> Nonsense:
    return Nonsense()


@pytest.fixture(scope="module")
def web(nonsense: Nonsense) -> Iterator[FastAPI]:
    with served(nonsense) as at:
        yield build_web(web_settings(at))


@pytest.mark.parametrize("kind", NONSENSE)
def test_web_makes_a_page_of_a_gateway_that_talks_nonsense(
    web: FastAPI, nonsense: Nonsense, kind: str
) -> None:
    nonsense.answer = said(kind)
    wrong = {}
    with saying_everything("web") as heard, browser(web) as client:
        person = Person(client)
        client.cookies.set("test_session", "ses-stoa-" + "x" * 43)
        for route in routes(web):
            if "GET" not in (route.methods or ()):
                continue
            page = person.get(address(route.path, {}))
            told = [word for word in TOLD if word in page.text]
            expected = WEB_HEADERS | FOR_OTHER_SITES.get(route.path, {})
            gaps = [name for name in expected if page.headers.get(name) != expected[name]]
            if told or gaps:
                wrong[route.path] = (page.status_code, told, gaps)

    assert wrong == {}
    assert leaks(heard.log, heard.traces) == []
    assert heard.not_ours() == []
