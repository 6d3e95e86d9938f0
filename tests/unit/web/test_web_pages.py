"""A web page by its address, beside the upload: with scripting and without, in both languages."""

import ast
import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from contracts.files import DocumentError
from tests.support.gateway_standin import Standin
from tests.support.web_pages import web_settings
from tests.support.web_people import Person, browser, words_of
from web.languages import Languages
from web.main import build_app
from web.reading_failures import SENTENCES, words_of_failure

HTMX = {"hx-request": "true"}
URL = "https://example.org/rules"
ROOT = Path(__file__).parents[3]


def test_a_page_is_added_and_shown_with_its_address(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/pages", {"url": f" {URL} "})
    page = ada.get(f"/studio/{assistant_of_ada}")

    (document,) = standin.documents.values()
    (collection,) = standin.collections.values()
    assert response.headers["location"] == f"/studio/{assistant_of_ada}#knowledge"
    assert (document.source_url, document.vector_store_id) == (URL, collection.id)
    assert URL in words_of(page)
    assert f'href="{URL}' not in page.text


def test_with_scripting_the_knowledge_alone_comes_back(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/pages", {"url": URL}, headers=HTMX)

    assert response.status_code == 200
    assert response.text.lstrip().startswith('<div class="knowledge"')
    assert len(standin.documents) == 1


@pytest.mark.parametrize(
    ("url", "language", "words"),
    [
        ("http://10.0.0.1/", "en", "Only public addresses are read."),
        ("http://10.0.0.1/", "zh-Hans", "只读取公开的网址。"),
        ("https://example.org:22/", "en", "Only servers on these ports are read: 80, 443."),
        ("https://example.org:22/", "zh-Hans", "只读取以下端口上的服务器：80, 443。"),
        ("javascript:alert(1)", "en", "Only addresses that begin with https:// or http://"),
        ("  ", "en", "Write the address of a page first."),
        ("https://example.org/" + "a" * 2_000, "zh-Hans", "请先填写网页地址。"),
    ],
)
def test_a_refused_address_is_named_with_its_reason(
    ada: Person, standin: Standin, assistant_of_ada: str, url: str, language: str, words: str
) -> None:
    ada.post("/language", {"language": language})
    response = ada.post(f"/studio/{assistant_of_ada}/pages", {"url": url})

    assert response.status_code == 422
    assert words in words_of(response)
    assert standin.documents == {}


def test_a_refused_address_stays_in_its_field(ada: Person, assistant_of_ada: str) -> None:
    response = ada.post(f"/studio/{assistant_of_ada}/pages", {"url": 'ftp://a/"><b>'})

    assert 'value="ftp://a/&#34;&gt;&lt;b&gt;"' in response.text
    assert "<b>" not in response.text


def test_why_a_page_could_not_be_read_is_said_in_the_readers_language(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    ada.post(f"/studio/{assistant_of_ada}/pages", {"url": URL})
    (document,) = standin.documents.values()
    failure = DocumentError(code="invalid_file", message="The page is larger than 20 MiB.")
    standin.documents[document.id] = document.model_copy(
        update={"status": "failed", "last_error": failure}
    )
    english = words_of(ada.get(f"/studio/{assistant_of_ada}"))
    ada.post("/language", {"language": "zh-Hans"})

    assert "The page is larger than 20 MiB." in english
    assert "网页超过 20 MiB。" in words_of(ada.get(f"/studio/{assistant_of_ada}"))


def test_switched_off_there_is_no_field(
    gateway_url: str, standin: Standin, assistant_of_ada: str
) -> None:
    del standin
    settings = web_settings(gateway_url)
    shared = settings.shared.model_copy(update={"web_pages": False})
    app: FastAPI = build_app(settings.model_copy(update={"shared": shared}))
    with browser(app) as client:
        ada = Person(client)
        ada.sign_in("ada@example.org")
        page = ada.get(f"/studio/{assistant_of_ada}").text

    assert 'name="files"' in page
    assert 'name="url"' not in page


def test_every_sentence_about_a_page_is_known_in_chinese() -> None:
    chinese = next(each for each in Languages.load().all if each.code == "zh-Hans")
    values = {"number": "5", "ports": "80, 443", "size": "20 MiB"}
    english = [each % values if "%(" in each else each for each in SENTENCES]

    assert [each for each in english if words_of_failure(chinese, each) == each] == []
    assert words_of_failure(chinese, "Something else.") == "Something else."


def test_every_sentence_of_the_outbound_client_is_known() -> None:
    outbound = ROOT / "libs/runtime/runtime/outbound"
    files = [path for path in outbound.glob("*.py") if path.name != "policy.py"]
    said = sentences_in([*files, ROOT / "services/ingest/ingest/pages.py"])
    known = {re.sub(r"%\(\w+\)s", "X", each) for each in SENTENCES}

    assert len(said) > 25
    assert said - NEVER_STORED <= known


def sentences_in(files: list[Path]) -> set[str]:
    """The strings that end in a full stop, docstrings aside; X for each value in them."""
    found: set[str] = set()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        aside = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
        for each in ast.walk(tree):
            if isinstance(each, ast.JoinedStr):
                aside.update(each.values)
                parts = [str(getattr(part, "value", "")) for part in each.values]
                found.add("".join("X" if "<ast." in part else part for part in parts))
            elif isinstance(each, ast.Constant) and each not in aside:
                found.add(str(each.value))
    return {each.replace("X MiB", "X") for each in found if re.match(r"[A-Z].+\.$", each)}


NEVER_STORED = {
    # A worker says these in words of its own.
    "The address leads to another kind of content.",
    "The server packed its answer in a way that was not asked for.",
}
