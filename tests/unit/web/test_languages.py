"""Which language one reads, and that the catalogues are whole."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from pydantic import BaseModel
from starlette.requests import Request

import contracts
from tests.support.catalogues import FOLDERS, extracted, kept
from tests.support.web_people import Person, words_of
from web.assets import Assets
from web.cookies import Cookies
from web.forgery import FormTokens
from web.languages import CHINESE, ENGLISH, Languages
from web.pages import Pages
from web.paths import TEMPLATES

NUMBERS = (int, float, int | None, float | None)
NAMES = {
    "page", "previous_page", "number", "cited_as", "published_version", "assistant_version",
    "document_version", "newest_version",
}  # fmt: skip
"""Numbers that name something: version 1200 is not 1,200."""
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        ("", "", ENGLISH),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", CHINESE),
        ("", "en-GB,en;q=0.9,zh;q=0.8", ENGLISH),
        ("", "fr;q=1.0,zh;q=0.4", CHINESE),
        ("", "en;q=0.2,zh-Hans;q=0.7", CHINESE),
        ("", "*;q=x,,;", ENGLISH),
        (ENGLISH, "zh-CN", ENGLISH),
        (CHINESE, "en", CHINESE),
        ("klingon", "en", ENGLISH),
    ],
)
def test_the_choice_comes_first_then_what_the_browser_says(
    chosen: str, accepted: str, language: str
) -> None:
    assert Languages.load().choose(chosen, accepted).code == language


def test_another_language_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "To the home page"\nmsgstr "Vers l\u2019accueil"\n',
        encoding="utf-8",
    )
    pages = Pages(Languages.load(tmp_path), Assets(), Cookies("test"), FormTokens(b"k" * 32))

    page = problem_page(pages, "fr-CA,fr;q=0.9,en;q=0.8")
    english = problem_page(pages, "en")
    assert '<html lang="fr">' in page
    assert "Vers l\u2019accueil" in page
    assert ">français</button>" in page
    assert ("Vers l\u2019accueil" in english, "To the home page" in english) == (False, True)


def visit(accepted: str) -> Request:
    """Somebody with a browser in that language."""
    headers = [(b"accept-language", accepted.encode())]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": headers,
            "scheme": "http",
            "server": ("testserver", 80),
            "state": {},
        }
    )


def problem_page(pages: Pages, accepted: str) -> str:
    response = pages.page(
        visit(accepted), "pages/problem.html", words="", request_id="req_1", code=404
    )
    return bytes(response.body).decode()


def test_the_switch_is_remembered(stranger: Person) -> None:
    response = stranger.post("/language", {"language": CHINESE, "next": "/login"})

    page = stranger.get("/login")
    assert response.headers["location"] == "/login"
    assert '<html lang="zh-Hans">' in page.text
    assert "登录" in words_of(page)


@pytest.mark.parametrize("language", FOLDERS)
def test_a_catalogue_has_every_string_and_no_other(language: str) -> None:
    wanted = {message.id for message in extracted() if message.id}

    assert {message.id for message in kept(language) if message.id} == wanted


@pytest.mark.parametrize("language", FOLDERS)
def test_no_entry_is_empty_or_doubtful(language: str) -> None:
    doubtful = [m.id for m in kept(language) if m.id and (not m.string or m.fuzzy)]

    assert doubtful == []


@pytest.mark.parametrize("language", FOLDERS)
def test_translations_keep_the_places_of_values(language: str) -> None:
    different = [
        message.id
        for message in kept(language)
        if sorted(PLACES.findall(str(message.id))) != sorted(PLACES.findall(str(message.string)))
    ]

    assert different == []


def bare_words(template: Path) -> list[str]:
    """Letters that stand in a template without going through gettext."""
    text = re.sub(r"(?s)\{% block shape %\}.*?\{% endblock shape %\}", "", template.read_text())
    text = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}", "", text)
    text = re.sub(r"(?s)\{\{.*?\}\}", "", text)
    attributes = re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"', text)
    text = re.sub(r"(?s)<(?:script|style|code).*?</(?:script|style|code)>|<[^>]*>", " ", text)
    text = re.sub(r'[\w-]+="[^"]*"', "", text)  # attributes that a macro makes
    words = re.findall(r"[A-Za-z]{2,}", " ".join([text, *attributes]))
    return [word for word in words if word not in {"Stoa", "DOCTYPE"}]


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.name)
)
def test_every_word_of_a_template_goes_through_gettext(template: Path) -> None:
    assert bare_words(template) == []


def numbers() -> set[str]:
    """Names that fields of the contracts have for whole and other numbers, and for nothing else."""
    kinds: dict[str, set[bool]] = {}
    for module in iter_modules(contracts.__path__, "contracts."):
        for model in vars(import_module(module.name)).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                for name, field in model.model_fields.items():
                    kinds.setdefault(name, set()).add(field.annotation in NUMBERS)
    return {name for name, found in kinds.items() if found == {True}}


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.name)
)
def test_no_template_writes_a_number_as_a_program_would(template: Path) -> None:
    text = re.sub(r'[\w-]+="[^"]*"', "", template.read_text("utf-8"))
    plain = re.findall(r"\{\{\s*[\w.]+\.(\w+)\s*\}\}", text)
    filled = re.findall(r"\w=[\w.]+\.(\w+)\s*[,)]", text)

    assert [name for name in plain + filled if name in numbers() - NAMES] == []
