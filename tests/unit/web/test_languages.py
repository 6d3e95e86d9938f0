"""Which language one reads, and that the catalogues are whole."""

import re
from pathlib import Path

import pytest

from tests.support.catalogues import extracted, kept
from tests.support.web_people import Person, words_of
from web.languages import CHINESE, ENGLISH, Languages
from web.paths import TEMPLATES

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


def test_the_switch_is_remembered(stranger: Person) -> None:
    response = stranger.post("/language", {"language": CHINESE, "next": "/login"})

    page = stranger.get("/login")
    assert response.headers["location"] == "/login"
    assert '<html lang="zh-Hans">' in page.text
    assert "登录" in words_of(page)


def test_the_chinese_catalogue_has_every_string_and_no_other() -> None:
    wanted = {message.id for message in extracted() if message.id}

    assert {message.id for message in kept("zh_Hans") if message.id} == wanted


def test_no_entry_is_empty_or_doubtful() -> None:
    doubtful = [m.id for m in kept("zh_Hans") if m.id and (not m.string or m.fuzzy)]

    assert doubtful == []


def test_translations_keep_the_places_of_values() -> None:
    different = [
        message.id
        for message in kept("zh_Hans")
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
