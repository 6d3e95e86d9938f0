"""Splitting: spans in order, disjoint, complete, within the limit, never across a heading."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.jobs import ParsedPage, PassageSpan
from embedding.adapters.embedder_hashing import HashingEmbedder
from ingest.errors import InvalidFile
from ingest.headers import MAX_HEADER_TOKENS
from ingest.indexed import Indexed
from ingest.parsing.parsed import Parsed
from ingest.parsing.writer import TextWriter
from ingest.passages import TokenRule, split
from tests.support import documents

EMBEDDER = HashingEmbedder()
RULE = TokenRule(EMBEDDER.count_tokens, limit=EMBEDDER.passage_limit_tokens)

_WORDS = st.sampled_from(
    [
        "harbour",
        "boat. ",
        "fee! ",
        "港口开放。",
        "“晚上九点”",
        "3.14",
        "\n",
        " ",
        "a" * 80,
        "🚢",
        "e.g.",
    ]
)
_PARAGRAPHS = st.lists(_WORDS, max_size=120).map(" ".join)
_BLOCKS = st.lists(
    st.one_of(
        st.tuples(st.just(0), _PARAGRAPHS),
        st.tuples(st.integers(1, 6), st.sampled_from(["Fees", "收费", "The crane " * 12])),
    ),
    max_size=20,
)


def _document(
    blocks: list[tuple[int, str]], pages: bool = False, title: str = "Rules"
) -> Parsed | None:
    """Blocks of (heading level or 0, text), or None when there is no text in them."""
    writer = TextWriter()
    for number, (level, text) in enumerate(blocks, 1):
        if pages:
            writer.page(number)
        if level:
            writer.heading(text, level)
        else:
            writer.block(text)
    try:
        return writer.parsed(title)
    except InvalidFile:
        return None


def _texts(parsed: Parsed, spans: list[PassageSpan]) -> list[str]:
    return [parsed.text[span.start : span.end] for span in spans]


def _story(story: documents.Story) -> Parsed:
    blocks = [(1, story.title)]
    for heading, paragraphs in story.sections:
        blocks += [(2, heading), *((0, words) for words in paragraphs)]
    parsed = _document(blocks, title=story.title)
    assert parsed is not None
    return parsed


@settings(max_examples=150, deadline=None)
@given(blocks=_BLOCKS, target=st.integers(8, 300))
def test_spans_are_ordered_disjoint_trimmed_and_leave_nothing_out(
    blocks: list[tuple[int, str]], target: int
) -> None:
    parsed = _document(blocks)
    if parsed is None:
        return
    spans = split(parsed, TokenRule(EMBEDDER.count_tokens, target, RULE.limit))

    between = [0, *(place for span in spans for place in (span.start, span.end)), len(parsed.text)]
    assert between == sorted(between)
    assert not "".join(
        parsed.text[start:end] for start, end in zip(between[::2], between[1::2], strict=True)
    ).strip()
    assert all(text and text == text.strip() for text in _texts(parsed, spans))
    assert [span.index for span in spans] == list(range(len(spans)))


@settings(max_examples=100, deadline=None)
@given(blocks=_BLOCKS, target=st.integers(8, 900))
def test_no_passage_with_its_header_exceeds_what_the_model_reads(
    blocks: list[tuple[int, str]], target: int
) -> None:
    parsed = _document(blocks, pages=True)
    if parsed is None:
        return
    spans = split(parsed, TokenRule(EMBEDDER.count_tokens, target, 160))

    counts = EMBEDDER.count_tokens(
        [
            Indexed("", span.index, span.header, parsed.text[span.start : span.end]).whole
            for span in spans
        ]
    )
    assert all(count <= 160 for count in counts)


@settings(max_examples=100, deadline=None)
@given(blocks=_BLOCKS)
def test_a_heading_stands_at_the_beginning_of_its_passage(blocks: list[tuple[int, str]]) -> None:
    parsed = _document(blocks)
    if parsed is None:
        return
    for span in split(parsed, RULE):
        headings = [one for one in parsed.sections if span.start <= one.start < span.end]
        opening = "".join(parsed.text[one.start : one.end] for one in headings)

        if headings:
            assert parsed.text[span.start : headings[-1].end].replace("\n\n", "") == opening


def test_each_section_of_the_rules_is_a_passage_of_its_own() -> None:
    parsed = _story(documents.ENGLISH)
    spans = split(parsed, RULE)

    assert [span.header for span in spans] == [
        f"{documents.ENGLISH.title} > {heading}" for heading, _ in documents.ENGLISH.sections
    ]
    assert "42 crowns" in _texts(parsed, spans)[1]


def test_chinese_is_split_after_its_full_stops() -> None:
    parsed = _story(documents.CHINESE)
    spans = split(parsed, TokenRule(EMBEDDER.count_tokens, 60, RULE.limit))

    headings = {heading for heading, _ in documents.CHINESE.sections}
    assert all(text.endswith("。") or text in headings for text in _texts(parsed, spans))
    assert len(spans) > len(documents.CHINESE.sections)


def test_small_paragraphs_of_a_section_are_put_together() -> None:
    parsed = _document([(1, "Prices"), *((0, f"Item {n} costs {n} crowns.") for n in range(100))])
    assert parsed is not None
    counts = EMBEDDER.count_tokens(_texts(parsed, split(parsed, RULE)))

    assert all(150 <= count <= 250 for count in counts[:-1])
    assert 75 <= counts[-1] <= 320


def test_a_lone_heading_goes_with_the_section_below_it() -> None:
    parsed = _document(
        [(1, "Part One"), (2, "Tides"), (0, "High at noon."), (2, "Winds"), (0, "West.")]
    )
    assert parsed is not None
    spans = split(parsed, RULE)

    assert _texts(parsed, spans) == ["Part One\n\nTides\n\nHigh at noon.", "Winds\n\nWest."]
    assert [span.header for span in spans] == [
        "Rules > Part One > Tides",
        "Rules > Part One > Winds",
    ]


def test_a_passage_stays_on_its_page_and_names_it() -> None:
    parsed = Parsed(
        title="T",
        text="First page.\n\nSecond page.",
        pages=[ParsedPage(number=1, start=0), ParsedPage(number=4, start=13)],
    )
    spans = split(parsed, RULE)

    assert [(span.page, span.header) for span in spans] == [(1, "T > page 1"), (4, "T > page 4")]


def test_a_header_keeps_to_its_share_however_long_the_titles_are() -> None:
    parsed = _document([*((level, "Very long heading " * 30) for level in range(1, 7)), (0, "x")])
    assert parsed is not None
    headers = [span.header for span in split(parsed, RULE)]

    assert max(EMBEDDER.count_tokens(headers)) <= MAX_HEADER_TOKENS
    assert all(header.startswith("Rules > Very long") for header in headers)


@pytest.mark.parametrize(
    "nasty",
    ["." * 1_000_000, "。" * 1_000_000, "\n" * 999_999 + "x", "? " * 500_000],
)
def test_a_hostile_megabyte_is_split_in_seconds(nasty: str) -> None:
    parsed = Parsed(title="T", text=nasty)
    started = time.process_time()
    spans = split(parsed, RULE)

    assert time.process_time() - started < 15
    assert re.sub(r"\s", "", "".join(_texts(parsed, spans))) == re.sub(r"\s", "", nasty)
