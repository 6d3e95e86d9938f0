"""Answers as HTML: markers become chips, everything hostile becomes text."""

from html.parser import HTMLParser

import pytest

from contracts.chat import Annotation, FileCitation, TextSpan
from contracts.conversations import MessageView, TurnStatus
from web.chat.answers import shown_answer, sources_of
from web.rendering import MAX_NESTING, _clean


class Parts(HTMLParser):
    """The tags and attributes of a piece of HTML, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def citation(quote: str = "a covered walk", start: int = 4, name: str = "walk.pdf") -> FileCitation:
    return FileCitation(
        file_id="file-1",
        filename=name,
        passage_id="psg_1",
        document_version=1,
        page=3,
        start=start,
        end=start + len(quote),
        quote=quote,
    )


def message(content: str, *marks: tuple[int, int, int]) -> MessageView:
    """An answer; marks: (number, start, end) of each marker."""
    return MessageView(
        id="msg_1",
        parent_id=None,
        role="assistant",
        content=content,
        annotations=[
            Annotation(index=n, start_index=a, end_index=b, file_citation=citation())
            for n, a, b in marks
        ],
        status=TurnStatus.COMPLETE,
        turn_id="turn_1",
        created_at=0,
    )


def html(content: str, *marks: tuple[int, int, int]) -> str:
    return str(shown_answer(message(content, *marks)).html)


def test_a_marker_becomes_a_chip_that_leads_to_its_source() -> None:
    shown = html("A walk [1].", (1, 7, 10))

    assert 'walk<sup class="cite"><a class="chip-cite" href="#source-msg_1-1"' in shown
    assert "[1]" not in shown


def test_indices_count_code_points_so_chinese_and_emoji_keep_their_places() -> None:
    shown = html("柱廊😀遮阳[1]。", (1, 5, 8))

    assert "遮阳<sup" in shown
    assert "</sup>。" in shown


def test_a_sentence_that_nothing_supports_is_followed_by_a_chip_that_leads_to_a_note() -> None:
    said = message("A walk [1]. It is 9 km long.", (1, 7, 10))
    said.unsupported = [TextSpan(start_index=12, end_index=28)]
    shown = str(shown_answer(said).html)

    assert 'long.<sup class="cite"><a class="chip-unproven" href="#unproven-msg_1"' in shown
    assert 'href="#source-msg_1-1"' in shown


def test_brackets_that_are_no_marker_stay_text() -> None:
    assert "[7]" in html("See note [7].")


def test_a_marker_beyond_the_text_is_left_out_quietly() -> None:
    assert "<sup" not in html("Short.", (1, 50, 53))


def test_several_markers_of_one_number_share_a_source() -> None:
    found = sources_of(message("One [1]. Two [1].", (1, 4, 7), (1, 13, 16)))

    assert [(source.number, len(source.quotes)) for source in found] == [(1, 1)]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:alert(1))",
        '[x](https://a "onmouseover=alert(1)")',
        "![x](https://evil.example/pixel.png)",
        "![x][r]\n\n[r]: https://evil.example/pixel.png",
        "<style>body{display:none}</style>",
        "```html\n<script>alert(1)</script>\n```",
        '<https://evil.example/"onmouseover=alert(1)>',
        "<a href='x' style='position:fixed'>y</a>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    ],
)
def test_hostile_markdown_becomes_text(hostile: str) -> None:
    parts = Parts()
    parts.feed(html(hostile))

    assert parts.tags <= {"p", "pre", "code", "a", "span"}
    assert {name for name, _ in parts.attributes} <= {"href", "rel", "class"}
    addresses = [value or "" for name, value in parts.attributes if name == "href"]
    assert all(value.startswith("/leave?to=https%3A%2F%2F") for value in addresses)


def test_characters_that_stand_for_markers_cannot_be_smuggled_in() -> None:
    shown = html("\ue0009\ue001 and [1]", (1, 8, 11))

    assert shown.count("<sup") == 1


def test_a_marker_inside_a_link_address_makes_no_tag_there() -> None:
    content = "[x](https://example.org/[1])"

    shown = html(content, (1, content.index("[1]"), content.index("[1]") + 3))

    assert "<sup" not in shown.partition('href="')[2].partition('"')[0]


def test_a_marker_inside_a_link_title_makes_no_tag_there() -> None:
    content = '[x](https://example.org "see [1]")'
    parts = Parts()

    parts.feed(html(content, (1, content.index("[1]"), content.index("[1]") + 3)))

    assert "sup" not in parts.tags


def test_a_link_shows_where_it_leads_and_passes_nothing_on() -> None:
    shown = html("[our bank](https://evil.example/login)")

    assert "(https://evil.example/login)" in shown
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert 'href="/leave?to=https%3A%2F%2Fevil.example%2Flogin"' in shown


def test_headings_of_an_answer_stay_below_those_of_the_page() -> None:
    shown = html("# One\n\n###### Six")

    assert "<h3>One</h3>" in shown
    assert "<h6>Six</h6>" in shown


def test_lists_tables_and_code_are_kept() -> None:
    shown = html("- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n`code`")

    for tag in ("<ul>", "<table>", "<td>", "<code>code</code>"):
        assert tag in shown


@pytest.mark.parametrize(
    "image",
    [
        "![a *view* of <b>it</b>](https://evil.example/p.png)",
        "![a *view* of <b>it</b>][r]\n\n[r]: https://evil.example/p.png",
        "[![a *view* of <b>it</b>](https://evil.example/p.png)](javascript:alert(1))",
    ],
)
def test_a_picture_is_its_description(image: str) -> None:
    shown = html(image)

    assert "a view of &lt;b&gt;it&lt;/b&gt;" in shown
    assert "<img" not in shown
    assert "p.png" not in shown


@pytest.mark.parametrize("address", ["mailto:bob@example.org", "/studio/new", "//evil.example/x"])
def test_what_is_no_web_site_is_named_and_not_linked(address: str) -> None:
    shown = html(f"[words]({address})")

    assert f"({address})" in shown
    assert "href" not in shown


def test_a_fence_of_any_language_stays_text() -> None:
    for language in ("mermaid", "katex", "svg", 'html" onload="x'):
        shown = html(f"```{language}\n<svg onload=alert(1)>\n```")

        assert shown.startswith("<pre><code>&lt;svg onload=alert(1)&gt;")


def test_the_sanitiser_has_the_last_word_over_the_final_html() -> None:
    # Even the page's own chips pass through it: a foreign class or address would not survive.
    shown = html("Words [1].", (1, 6, 9))

    assert _clean(shown) == shown
    assert _clean('<a class="chip-cite" href="javascript:1" onclick="x">1</a>') == (
        '<a class="chip-cite" rel="noopener noreferrer nofollow">1</a>'
    )


def test_what_nests_too_deeply_ends_in_text() -> None:
    for opening in (">", "- ", "*a ", "[", "> - ", "(", "![", "**a_ "):
        assert html(opening * 3_000).count("<blockquote>") <= MAX_NESTING


@pytest.mark.parametrize("text", ["word " * 50_000, "* a\n" * 10_000, "[" * 20_000])
def test_a_text_of_too_much_structure_is_shown_as_it_is(text: str) -> None:
    shown = html(text)

    assert shown.startswith("<pre>")
    assert shown.count("a") + shown.count("[") >= text.count("a") + text.count("[")
