"""What every answer of web has, and problems as pages."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.support.gateway_standin import Standin
from tests.support.web_pages import web_settings
from tests.support.web_people import Person, browser, words_of
from web.assets import ALL_SHEETS, STATIC
from web.frame import SECURITY_HEADERS
from web.main import build_app
from web.paths import TEMPLATES


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/static/css/tokens.css", "/health/live"]
)
def test_every_answer_has_the_security_headers(stranger: Person, path: str) -> None:
    headers = stranger.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in SECURITY_HEADERS["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/", "/studio", "/studio/new", "/chat", "/account", "/admin/usage"]
)
def test_pages_hold_no_inline_script_or_style(ada: Person, path: str) -> None:
    text = ada.get(path).text

    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert "<script>" not in text


def test_pages_are_not_kept_by_caches(ada: Person) -> None:
    assert ada.get("/account").headers["cache-control"] == "no-store"


def test_an_address_of_nothing_is_a_page(ada: Person) -> None:
    response = ada.get("/nothing")

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address" in words_of(response)


def test_programs_get_the_problem_as_json(stranger: Person) -> None:
    response = stranger.get("/nothing", {"accept": "application/json"})

    assert response.json()["error"]["code"] == "not_found"


def test_a_gateway_that_is_away_is_said_in_words(standin: Standin) -> None:
    del standin
    with browser(build_app(web_settings("http://127.0.0.1:9"))) as client:
        page = client.get("/")
        ready = client.get("/health/ready")

    assert page.status_code == 503
    assert "A part of the installation does not answer." in words_of(page)
    assert ready.status_code == 503


def test_a_page_that_could_not_be_shown_can_be_asked_for_again(standin: Standin) -> None:
    del standin
    with browser(build_app(web_settings("http://127.0.0.1:9"))) as client:
        client.cookies.set("test_session", "some-session")
        page = client.get("/admin/cost?period=30d")

    assert page.status_code == 503
    assert re.search(
        r'href="/admin/cost\?period=30d"[^>]*>\s*<svg.*?Try again', page.text, re.DOTALL
    )


def test_it_is_ready_when_the_gateway_answers(stranger: Person) -> None:
    assert stranger.get("/health/ready").json()["ready"] is True


def test_a_bug_shows_a_number_and_nothing_else(web_app: FastAPI) -> None:
    @web_app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("/home/secret/path")

    with browser(web_app) as client:
        response = client.get("/bug")

    assert response.status_code == 500
    assert "Something failed on our side." in words_of(response)
    assert "req_" in response.text
    assert "secret" not in response.text


def test_usage_is_for_administrators(ada: Person, bob: Person) -> None:
    refused = bob.get("/admin/usage")

    moved = ada.get("/admin/usage")

    assert (refused.status_code, moved.status_code, moved.headers["location"]) == (
        403,
        303,
        "/admin/ledger",
    )
    assert "This page is for administrators." in words_of(refused)
    assert "/admin/usage" not in bob.get("/").text


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.*")), ids=lambda path: path.name)
def test_every_asset_is_served_and_kept_for_a_year(stranger: Person, file: object) -> None:
    response = stranger.get(f"/static/{str(file).removeprefix(str(STATIC) + '/')}?v=1")

    assert response.status_code == 200
    assert "immutable" in response.headers["cache-control"]


def test_texts_are_compressed(stranger: Person) -> None:
    response = stranger.get("/static/css/type.css", {"accept-encoding": "gzip"})

    assert response.headers["content-encoding"] == "gzip"


def test_a_page_waits_for_one_sheet_and_for_no_script(ada: Person) -> None:
    head = ada.get("/").text.partition("<body>")[0]
    scripts = re.findall(r"<script[^>]*>", head)

    assert re.findall(r'<link rel="stylesheet" href="([^"]+)\?', head) == [f"/static/{ALL_SHEETS}"]
    assert len(scripts) > 1
    assert [script for script in scripts if "defer" not in script] == []


def test_the_one_sheet_holds_them_all_and_names_files_that_are_kept(stranger: Person) -> None:
    text = stranger.get(f"/static/{ALL_SHEETS}?v=1").text
    sheets = [sheet.read_text("utf-8") for sheet in (STATIC / "css").iterdir()]
    named = re.findall(r'url\("([^"]+)"\)', text)

    assert [sheet for sheet in sheets if sheet.splitlines()[0] not in text] == []
    assert len(named) == 2
    assert [url for url in named if stranger.get(url).status_code != 200 or "?v=" not in url] == []


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_up_the_page_for_a_script(template: Path) -> None:
    scripts = re.findall(r"(?s)<script.*?>", template.read_text("utf-8"))

    assert [script for script in scripts if "defer" not in script] == []
