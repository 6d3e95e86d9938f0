"""Rules that need no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.jobs import Stage
from gateway.assistants.rules import slug_of
from gateway.knowledge.rules import (
    FILENAME_LENGTH,
    WORKING_STAGES,
    duration_in_words,
    is_backwards,
    label_of,
    percent_of,
    retry_delay_seconds,
    size_in_words,
)


@given(st.text(max_size=600))
def test_labels_hold_no_path_and_no_control_characters(name: str) -> None:
    label = label_of(name)

    assert 0 < len(label) <= FILENAME_LENGTH
    assert label not in (".", "..")
    assert not set(label) & set("/\\\x00\n\r\u202e")
    assert label_of(label) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("规则 手册.pdf", "规则 手册.pdf"),
        ("C:\\docs\\rules.docx", "rules.docx"),
        ("..", "unnamed"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
    ],
)
def test_labels_read_well(name: str, label: str) -> None:
    assert label_of(name) == label


reports = st.tuples(st.sampled_from(WORKING_STAGES), st.integers(0, 1000), st.integers(0, 1000))


@given(st.lists(reports, max_size=30))
def test_the_bar_never_goes_back_within_an_attempt(reported: list[tuple[Stage, int, int]]) -> None:
    stage, done, total = Stage.PARSING, 0, 0
    seen = [percent_of(stage, done, total)]
    for next_stage, next_done, next_total in reported:
        if not is_backwards((stage, done, total), (next_stage, next_done, next_total)):
            stage, done, total = next_stage, next_done, next_total
        seen.append(percent_of(stage, done, total))

    assert seen == sorted(seen)
    assert 0 <= seen[-1] < 100


def test_slugs_of_names_without_latin_letters_come_from_the_id() -> None:
    assert slug_of("读书会", "ast_0000000000000000000abcdefgh") == "assistant-abcdefgh"


def test_limits_and_delays_read_well() -> None:
    assert size_in_words(512 << 20) == "512 MiB"
    assert size_in_words(1_000) == "1000 bytes"
    assert duration_in_words(3 * 3600) == "3 hours"
    assert duration_in_words(90) == "90 seconds"
    assert [retry_delay_seconds(n) for n in (1, 2, 3, 9)] == [5, 20, 80, 300]
