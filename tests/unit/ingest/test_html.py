"""Web pages: what is seen is read, what runs or navigates is not."""

import time

import pytest

from ingest.errors import InvalidFile
from tests.support import documents
from tests.unit.ingest.conftest import Read


@pytest.mark.parametrize(
    ("document", "story"),
    [
        (documents.english_html(), documents.ENGLISH),
        (documents.chinese_html(), documents.CHINESE),
    ],
)
def test_a_page_is_read_without_its_menu_and_scripts(
    read: Read, document: documents.Document, story: documents.Story
) -> None:
    parsed = read(document.content, document.name)

    assert parsed.title == story.title
    assert parsed.text == documents.plain_text(story).strip()
    assert [section.level for section in parsed.sections] == [1, 2, 2, 2, 2, 2]


def test_a_page_in_gb2312_is_read_as_its_meta_says(read: Read) -> None:
    page = '<html><meta charset="gb2312"><p>港口今天开放。</p>'.encode("gb18030")

    assert read(page, "a.html").text == "港口今天开放。"


def test_entities_become_their_characters(read: Read) -> None:
    assert read("<p>Fish &amp; chips &lt;5&nbsp;&euro;</p>", "a.html").text == "Fish & chips <5 €"


def test_hidden_things_are_not_read(read: Read) -> None:
    page = (
        "<p>Seen</p><p hidden>one</p><p style='display: none'>two</p><template>three</template>"
        "<p aria-hidden=true>four</p><noscript>five</noscript><!-- six --><select>seven</select>"
    )

    assert read(page, "a.html").text == "Seen"


def test_blocks_are_paragraphs_and_inline_tags_are_not(read: Read) -> None:
    page = "<div>A <b>bold</b>\n  word<div>inner</div>tail</div><p>next<br>line</p>"

    assert read(page, "a.html").text == "A bold word\n\ninner\n\ntail\n\nnext\nline"


def test_tables_and_lists_are_read_line_by_line(read: Read) -> None:
    page = "<table><tr><th>Ship<th>Fee<tr><td>Tug<td>30</table><ul><li>rope<li>tar</ul>"

    assert read(page, "a.html").text == "Ship | Fee\nTug | 30\n\n- rope\n- tar"


def test_preformatted_text_keeps_its_lines(read: Read) -> None:
    assert read("<pre>a\n  b</pre>", "a.html").text == "a\n  b"


def test_an_entity_bomb_does_not_go_off(read: Read) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    page = f'<!DOCTYPE html [<!ENTITY l0 "ha">{levels}]><html><p>safe &l9;</p>'
    started = time.process_time()
    parsed = read(page, "a.html")

    assert time.process_time() - started < 2
    assert len(parsed.text) < 2_000


def test_an_external_entity_reads_no_file(read: Read) -> None:
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><p>safe &x;</p>'

    assert "root:" not in read(page, "a.html").text


def test_a_page_nested_deeper_than_the_stack_is_read(read: Read) -> None:
    assert read("<div>" * 1_500 + "bottom", "a.html").text == "bottom"


def test_a_page_nested_a_hundred_thousand_deep_is_refused_not_cut(read: Read) -> None:
    with pytest.raises(InvalidFile, match="nested too deeply"):
        read("<div>" * 100_000 + "bottom", "a.html")


def test_a_page_of_scripts_alone_has_no_text(read: Read) -> None:
    with pytest.raises(InvalidFile, match="no readable text"):
        read("<html><script>document.write('x')</script>", "a.html")


def test_what_stands_behind_an_embedded_object_is_read(read: Read) -> None:
    parsed = read("<html><body><embed src='film.swf'><p>Low tide at six.</p></body>", "a.html")

    assert parsed.text == "Low tide at six."


def test_a_page_that_leaves_its_head_and_body_unsaid_is_read(read: Read) -> None:
    page = "<!doctype html><title>Tides</title><nav>Menu</nav><main><p>Low tide at six.</p></main>"
    parsed = read(page, "a.html")

    assert (parsed.title, parsed.text) == ("Tides", "Low tide at six.")
