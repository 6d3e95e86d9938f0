"""No regular expression of the source takes more than linear time on the worst texts for it."""

import re

import pytest

from gateway.citations.rules.sentences import _LAST_WORD
from tests.support.regexes import ROOT, RUNTIME_PATTERNS, Regex, regexes, slowest

SIZE, SECONDS = 6_000, 0.03
"""A quadratic regex takes longer by then, a linear one a hundredth of it."""


@pytest.fixture(scope="module")
def known() -> list[Regex]:
    return regexes()


def test_every_regex_is_quick_on_its_worst_texts(known: list[Regex]) -> None:
    slow = {}
    for regex in known:
        if regex.pattern == _LAST_WORD:
            continue  # searched in the last 60 characters before a stop, see `_LONGEST_WORD`
        seconds, text = slowest(regex, SIZE, SECONDS)
        if seconds >= SECONDS:
            # The best of three: another process may have taken the machine.
            seconds, text = min(slowest(regex, SIZE, 10 * SECONDS) for _ in range(2))
        if seconds >= SECONDS:
            slow[regex.place] = text

    assert slow == {}


def test_the_search_for_regexes_finds_them(known: list[Regex]) -> None:
    assert len(known) > 60
    assert all((ROOT / file).exists() for file in RUNTIME_PATTERNS)


@pytest.mark.parametrize("slow", [r"(a+)+$", r"\s+$", r"(\w+\.)*\w+@", r"x*y*x*!"])
def test_a_slow_regex_would_be_noticed(slow: str) -> None:
    regex = Regex("here", re.compile(slow), frozenset({"search", "match"}))

    assert slowest(regex, SIZE, SECONDS)[0] >= SECONDS


def test_the_pages_scripts_hold_no_regex_over_texts() -> None:
    scripts = sorted((ROOT / "web/web/static/js").glob("*.js"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in scripts}
    users = [
        name
        for name, text in texts.items()
        if any(word in text for word in (".match(", ".matchAll(", ".replace(", "RegExp", ".test("))
    ]

    assert scripts
    assert users == []


def test_the_pages_scripts_make_html_of_nothing_but_our_own_pages() -> None:
    # Streamed text goes in by `append`, as a text node; the one template is our own server's page.
    makers = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser",
              "eval(", "Function(", "createContextualFragment", "setHTML", "srcdoc")  # fmt: skip
    found = [
        (path.name, line.strip())
        for path in sorted((ROOT / "web/web/static/js").glob("*.js"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(maker in line for maker in makers)
    ]

    assert found == [("turns.js", "template.innerHTML = JSON.parse(event.data);")]
