"""What counts as a word, in English, Chinese of both scripts, mixed text and code."""

import pytest

from lexical.analyser import LONGEST_WORD, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The harbours' opening hours", ["harbour", "open", "hour"]),
        ("Ada's letters aren't lost", ["ada", "letter", "aren", "lost"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "width"]),
        ("Straße CAFÉ naïve", ["strass", "café", "naïve"]),
        ("港口", ["港", "口", "港口"]),
        ("軟體", ["软", "体", "软体"]),
        ("API如何工作", ["api", "如", "何", "工", "作", "如何", "何工", "工作"]),
        (
            "日本のテスト",
            ["日", "本", "の", "テ", "ス", "ト", "日本", "本の", "のテ", "テス", "スト"],
        ),
        ("getHTTPResponse", ["gethttpresponse", "get", "http", "respons"]),
        ("max_num_seqs", ["max_num_seqs", "max", "num", "seq"]),
        ("IPv6 v1.20", ["ipv6", "i", "pv", "6", "v1", "v", "1", "20"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("поиски", ["поиски"]),
        ("", []),
        ("？！ … 🏛", []),
        ("x" * (LONGEST_WORD + 1), []),
    ],
)
def test_these_are_the_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retrieving documents", "retrieved document"),
        ("資訊檢索", "资讯检索"),
        ("裏面", "里面"),
        ("ﬁle", "file"),
        ("２０２６年", "2026年"),
    ],
)
def test_spellings_of_one_thing_meet(one: str, other: str) -> None:
    assert words(one) == words(other)
