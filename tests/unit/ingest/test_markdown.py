"""Markdown as its reader sees it."""

import time

import pytest

from tests.support import documents
from tests.unit.ingest.conftest import Read


@pytest.mark.parametrize(
    ("document", "story"),
    [
        (documents.english_markdown(), documents.ENGLISH),
        (documents.chinese_markdown(), documents.CHINESE),
    ],
)
def test_headings_become_sections_of_the_plain_text(
    read: Read, document: documents.Document, story: documents.Story
) -> None:
    parsed = read(document.content, document.name)

    assert parsed.title == story.title
    assert parsed.text == documents.plain_text(story).strip()
    assert [section.title for section in parsed.sections[1:]] == [
        title for title, _ in story.sections
    ]


def test_a_section_lies_where_its_heading_is(read: Read) -> None:
    parsed = read("Intro\n\n# A *bold* `move`\n\ntext\n\nUnder\n-----\n", "a.md")

    places = [(parsed.text[one.start : one.end], one.level) for one in parsed.sections]
    assert places == [("A bold move", 1), ("Under", 2)]


def test_markup_disappears_and_words_stay(read: Read) -> None:
    parsed = read(
        "**Bold** [link](http://x.y) ![a pier](p.png) `code` ~~gone~~ &amp; <b>tag</b>", "a.md"
    )

    assert parsed.text == "Bold link a pier code gone & tag"


def test_wrapped_lines_are_joined_as_their_language_does(read: Read) -> None:
    parsed = read("The long\nway round.\n\n港口今天\n开放。", "a.md")

    assert parsed.text == "The long way round.\n\n港口今天开放。"


def test_lists_keep_their_marks_and_stand_on_neighbouring_lines(read: Read) -> None:
    parsed = read("Bring:\n\n- rope\n- tar\n  - pitch\n\n3. first\n4. then\n", "a.md")

    assert parsed.text == "Bring:\n\n- rope\n- tar\n  - pitch\n\n3. first\n4. then"


def test_tables_are_read_row_by_row(read: Read) -> None:
    parsed = read("| Ship | Fee |\n|---|---|\n| Tug | 30 |\n| Dinghy | 0 |\n", "a.md")

    assert parsed.text == "Ship | Fee\nTug | 30\nDinghy | 0"


def test_code_is_kept_as_it_stands(read: Read) -> None:
    assert read("```py\nif x:\n    run()\n```", "a.md").text == "if x:\n    run()"


def test_html_inside_gives_its_words_only(read: Read) -> None:
    parsed = read("<div><script>steal()</script><p>Notice</p></div>\n\nBody", "a.md")

    assert parsed.text == "Notice\n\nBody"


def test_front_matter_gives_the_title_and_is_not_text(read: Read) -> None:
    parsed = read('---\ntitle: "Tides"\ntags: [sea]\n---\nHigh at noon.', "a.md")

    assert (parsed.title, parsed.text) == ("Tides", "High at noon.")


@pytest.mark.parametrize("nasty", ["*" * 20_000, "> " * 20_000, "[" * 20_000, "<!--" * 20_000])
def test_hostile_markup_takes_no_hostile_time(read: Read, nasty: str) -> None:
    started = time.process_time()
    parsed = read(f"Start\n\n{nasty} a", "a.md")

    assert time.process_time() - started < 20
    assert parsed.text.startswith("Start")
