"""How an answer that says "not found" is noticed before it is shown."""

import pytest

from gateway.citations.rules.silence import Silence, Verdict

SILENCE = Silence(words=("The documents do not say.", "文档中没有提到。"), shown="文档中没有提到。")


@pytest.mark.parametrize(
    ("beginning", "verdict"),
    [
        ("", Verdict.WAIT),
        ("The docu", Verdict.WAIT),
        ("**The documents do not", Verdict.WAIT),
        ("The documents do not say", Verdict.SILENT),
        ("the documents do not say. However", Verdict.SILENT),
        ("文档中", Verdict.WAIT),
        ("文档中没有提到", Verdict.SILENT),
        ("The documentation", Verdict.SHOW),
        ("Leave is 25 days.", Verdict.SHOW),
    ],
)
def test_a_beginning_is_held_while_it_may_become_silence(beginning: str, verdict: Verdict) -> None:
    assert SILENCE.verdict(beginning, is_final=False) is verdict


def test_an_answer_that_ends_early_is_shown() -> None:
    assert SILENCE.verdict("The", is_final=True) is Verdict.SHOW


def test_words_that_do_not_end_the_answer_are_shown_like_any_others() -> None:
    silence = Silence(words=("The documents do not say.",), shown="", ends_answer=False)

    assert silence.verdict("The documents do not say. But I", is_final=False) is Verdict.SHOW
