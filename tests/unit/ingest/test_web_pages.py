"""A worker reads web pages: any kind of text, in any encoding, and says why it cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import HttpUrl, SecretStr

from contracts.jobs import Stage
from ingest.pages import Page, Pages
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings, WorkLimits
from ingest.wiring import wire
from runtime.settings import SharedSettings
from tests.support import documents
from tests.support.hostile_web import FakeResolver, HostileWeb, head, hostile_web
from tests.support.naming_documents import page_that_names
from tests.support.neighbours import SECRET, Gateway, Index, Record, neighbours

HTML = "<html><head><title>{title}</title></head><body><h1>Tides</h1><p>{text}</p></body></html>"


@pytest.fixture(scope="module")
def web() -> Iterator[HostileWeb]:
    with hostile_web() as web:
        yield web


@pytest.fixture(scope="module")
def around() -> Iterator[tuple[Gateway, Index]]:
    with neighbours() as both:
        yield both


@pytest.fixture
def gateway(around: tuple[Gateway, Index]) -> Gateway:
    around[0].records.clear()
    return around[0]


@pytest.fixture
def resolver() -> FakeResolver:
    return FakeResolver({"example.org": [["127.0.0.1"]], "inside.example": [["127.0.0.2"]]})


@pytest.fixture
def pipeline(
    around: tuple[Gateway, Index], web: HostileWeb, resolver: FakeResolver, tmp_path: Path
) -> Iterator[Pipeline]:
    shared = SharedSettings(
        home=tmp_path, service_secret=SecretStr(SECRET), outbound=web.policy(body_bytes=1 << 20)
    )
    settings = IngestSettings(
        gateway_url=HttpUrl(around[0].address),
        retrieval_url=HttpUrl(around[1].address),
        limits=WorkLimits(patience_seconds=2),
    )
    with wire(shared, settings, resolver) as pipeline:
        yield pipeline


def ingested(gateway: Gateway, pipeline: Pipeline, url: str) -> Record:
    version = gateway.wish(url)
    pipeline.ingest(version)
    return gateway.records[version]


def text_of(record: Record) -> str:
    assert (record.stage, record.failure) == (Stage.READY, None)
    assert record.text is not None
    return record.text.text


def test_a_web_page_becomes_passages(gateway: Gateway, pipeline: Pipeline, web: HostileWeb) -> None:
    web.page("/tides", HTML.format(title="Tide tables", text="Low tide at six."))
    web.redirect("/old", "/tides")
    record = ingested(gateway, pipeline, web.url("/old", "example.org"))

    assert text_of(record) == "Tides\n\nLow tide at six."
    assert record.text is not None
    assert record.text.title == "Tide tables"
    assert record.passages[0].header == "Tide tables > Tides"
    assert record.page is not None
    assert (record.page.url, record.page.media_type) == (
        web.url("/tides", "example.org"),
        "text/html",
    )
    assert record.page.content == HTML.format(title="Tide tables", text="Low tide at six.").encode()


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("text/plain", b"Low tide at six.", "Low tide at six."),
        ("text/plain; charset=utf-8", "柱廊全天开放。".encode(), "柱廊全天开放。"),
        ("text/markdown", b"# Tides\n\nLow *tide* at six.", "Tides\n\nLow tide at six."),
        ("application/xhtml+xml", b"<p>Low tide at six.</p>", "Low tide at six."),
        ("text/html", b"<p>Low tide at six.</p>", "Low tide at six."),
        ("text/html;charset=gb2312", "<p>柱廊全天開放。</p>".encode("gb18030"), "柱廊全天開放。"),
        ("text/html;charset=Shift_JIS", "<p>満潮は六時</p>".encode("cp932"), "満潮は六時"),
        ("text/html;charset=windows-1251", "<p>Отлив в шесть</p>".encode("cp1251"), "Отлив"),
        ("text/html;charset=ISO-8859-1", "<p>Ebbe um fünf</p>".encode("cp1252"), "fünf"),
        ("text/html;charset=big5", "<p>柱廊全天開放</p>".encode("big5"), "柱廊全天開放"),
        ("text/html;charset=gb2312", "<p>说错了：fünf</p>".encode(), "说错了：fünf"),
        ("text/html;charset=zlib", b"<p>Low tide at six.</p>", "Low tide at six."),
        ("text/html", '<meta charset="big5"><p>柱廊</p>'.encode("big5"), "柱廊"),
        ("", b"<!doctype html><p>Low tide at six.</p>", "Low tide at six."),
    ],
)  # fmt: skip
def test_pages_of_many_kinds_and_encodings_are_read(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb, kind: str, content: bytes, words: str
) -> None:
    named = {"content-type": kind} if kind else {}
    web.raw("/page", head(200, named | {"content-length": str(len(content))}) + content)

    assert words in text_of(ingested(gateway, pipeline, web.url("/page")))


def test_a_pdf_is_read_by_its_address(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb
) -> None:
    web.page("/rules", documents.english_pdf().content, kind="application/pdf")
    record = ingested(gateway, pipeline, web.url("/rules"))

    assert "42 crowns" in text_of(record)
    assert {span.page for span in record.passages} == {1, 2, 3, 4, 5}


def test_a_page_that_calls_itself_text_and_is_a_picture_is_refused(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb
) -> None:
    web.page("/page", documents.picture(), kind="text/html")
    record = ingested(gateway, pipeline, web.url("/page"))

    assert record.failure is not None
    assert "a PNG picture" in record.failure.message


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "The page asks for a sign-in, so it cannot be read."),
        (403, "The page's server does not let it be read."),
        (404, "There is no page at this address."),
        (503, "The page's server answered with an error (503)."),
    ],
)
def test_a_server_that_refuses_is_quoted_by_its_number_alone(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb, status: int, words: str
) -> None:
    web.raw("/page", head(status, {"content-length": "6"}) + b"secret")
    record = ingested(gateway, pipeline, web.url("/page"))

    assert record.failure is not None
    assert (record.failure.code, record.failure.message) == ("invalid_file", words)
    assert not record.failure.retry


@pytest.mark.parametrize(
    ("body", "kind", "code", "words"),
    [
        ("<script>render()</script><div id=app></div>", "text/html", "invalid_file", "by scripts"),
        ("<form><input><button>Go</button></form>", "text/html", "invalid_file", "by scripts"),
        ("", "text/html", "invalid_file", "empty"),
        ("x" * (2 << 20), "text/plain", "invalid_file", "larger than 1 MiB"),
        ("{}", "application/json", "unsupported_file", "something other than a web page"),
        ("x", "video/mp4", "unsupported_file", "something other than a web page"),
    ],
)  # fmt: skip
def test_a_page_without_readable_text_says_so(
    gateway: Gateway,
    pipeline: Pipeline,
    web: HostileWeb,
    body: str,
    kind: str,
    code: str,
    words: str,
) -> None:
    web.page("/page", body, kind)
    record = ingested(gateway, pipeline, web.url("/page"))

    assert record.failure is not None
    assert (record.stage, record.failure.code) == (Stage.FAILED, code)
    assert words in record.failure.message


def test_a_name_that_leads_inside_fails_as_one_that_leads_nowhere(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb
) -> None:
    inside = ingested(gateway, pipeline, web.url("/", "inside.example"))
    nowhere = ingested(gateway, pipeline, web.url("/", "nowhere.example"))

    assert inside.failure == nowhere.failure
    assert inside.failure is not None
    assert inside.failure.message == "No public web server answers at this address."
    assert web.forbidden_connections == 0


def test_the_next_page_is_read_after_a_bad_one(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb
) -> None:
    web.raw("/bad", b"rubbish")
    web.page("/good", "<p>Low tide at six.</p>")
    ingested(gateway, pipeline, web.url("/bad"))

    assert text_of(ingested(gateway, pipeline, web.url("/good")))


def test_what_a_page_names_is_never_fetched(
    gateway: Gateway, pipeline: Pipeline, web: HostileWeb
) -> None:
    target = f"http://127.0.0.1:{web.port}/inside"
    web.page("/page", page_that_names(target) + "<p>Low tide at six.</p>")
    before = len(web.asked)
    text_of(ingested(gateway, pipeline, web.url("/page")))

    assert [asked.target for asked in web.asked[before:]] == ["/page"]


def test_switched_off_nothing_is_asked(web: HostileWeb, resolver: FakeResolver) -> None:
    pages = Pages(web.policy(), is_on=False, resolver=resolver)
    before = len(web.asked)
    with pytest.raises(Exception, match="switched off"):
        pages.fetch(web.url("/page", "example.org"))

    assert (resolver.asked, len(web.asked)) == ([], before)


def test_the_lease_is_kept_while_a_server_thinks(web: HostileWeb) -> None:
    beats: list[str] = []

    def patient() -> Iterator[bytes]:
        while not beats and not web.over.wait(0.02):
            yield b""
        yield head(200, {"content-type": "text/plain", "content-length": "2"}) + b"ok"

    web.answer("/slow", patient)
    page = Pages(web.policy(whole_seconds=20, silence_seconds=20), is_on=True).fetch(
        web.url("/slow"), lambda: beats.append("beat")
    )

    assert (page.content, beats) == (b"ok", ["beat"])


def test_a_worker_that_must_stop_leaves_the_page_at_once(web: HostileWeb) -> None:
    class Told(BaseException):
        pass

    def stop() -> None:
        raise Told

    def endless() -> Iterator[bytes]:
        yield head(200, {"content-type": "text/plain"})
        while not web.over.wait(0.02):
            yield b"x"

    web.answer("/endless", endless)
    pages = Pages(web.policy(whole_seconds=60), is_on=True)
    with pytest.raises(Told):
        pages.fetch(web.url("/endless"), stop)


def test_a_pdf_keeps_its_bytes_whatever_the_server_says() -> None:
    page = Page("https://example.org", "application/pdf", "gbk", "page.pdf", b"%PDF-\xff")

    assert page.readable == b"%PDF-\xff"
