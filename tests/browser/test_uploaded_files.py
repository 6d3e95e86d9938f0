"""Uploaded pages, pictures and polyglots come back as downloads, and run nowhere."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.support.browser import visitor
from tests.support.engines import postgres_server
from tests.support.gateway import Databases, Person, RunningGateway, running_gateway
from tests.support.hostile_files import FILES


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with (
        postgres_server() as postgres,
        running_gateway(Databases(postgres).fresh(), tmp_path_factory.mktemp("blobs")) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def ada(gateway: RunningGateway) -> Person:
    return gateway.enrol("Ada")


@pytest.fixture(scope="module")
def uploaded(ada: Person) -> dict[str, str]:
    """file name -> the address of its bytes."""
    found = {}
    for name, content in FILES.items():
        status, file = ada.upload(name, content)
        assert status == 200, file
        found[name] = f"/v1/files/{file['id']}/content"
    return found


# The gateway comes first: Playwright's loop would be in the way of its fixtures.
@pytest.fixture
def page(uploaded: dict[str, str], ada: Person, browser: Browser) -> Iterator[Page]:
    """A browser that sends Ada's session with everything, as a careless proxy might make it."""
    assert uploaded
    opened = visitor(browser)
    opened.context.set_extra_http_headers(ada.headers())
    yield opened
    opened.context.close()


def test_every_file_is_an_attachment_of_no_type(ada: Person, uploaded: dict[str, str]) -> None:
    for name, path in uploaded.items():
        answer = ada.http.get(path, headers=ada.headers())
        disposition = answer.headers["content-disposition"]

        assert answer.content == FILES[name]
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert "no-store" in answer.headers["cache-control"]
        assert disposition.startswith('attachment; filename="')
        assert disposition.count('"') == 2
        assert "x" not in answer.headers
        label = unquote(disposition.partition("filename*=UTF-8''")[2])
        assert not {"/", "\\", "\r", "\n", "\u202e"} & set(label)


def test_none_runs_when_it_is_opened_or_put_into_a_page(
    page: Page, gateway: RunningGateway, uploaded: dict[str, str]
) -> None:
    ran: list[str] = []
    page.expose_binding("stoaRan", lambda _source, *_what: ran.append("binding"))
    page.on("dialog", lambda dialog: ran.append(f"dialog {dialog.type}"))
    for path in uploaded.values():
        with (
            page.expect_download(),
            pytest.raises(Error, match=r"Download is starting|ERR_ABORTED"),
        ):
            page.goto(gateway.address + path)
    tags = "".join(
        f"<iframe src='{at}'></iframe><object data='{at}'></object><embed src='{at}'>"
        f"<script src='{at}'></script><link rel=stylesheet href='{at}'><img src='{at}'>"
        for at in (gateway.address + path for path in uploaded.values())
    )
    page.goto("about:blank")
    page.set_content(f"<body>{tags}<p id=end>end</p>", wait_until="load")

    assert ran == []
