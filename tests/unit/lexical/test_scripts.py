"""Which script a text is in."""

import pytest

from lexical.scripts import scripts_of


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("When does the harbour open?", ["latin"]),
        ("港口几点开放？", ["han"]),
        ("怎样在 Debian 中安装 PostgreSQL 数据库软件包？", ["han", "latin"]),
        ("Docker 的安装方法和常见问题说明", ["han"]),
        ("東京の天気はどうですか", ["kana"]),
        ("한국어 문서", ["hangul"]),
        ("Где находится порт?", ["cyrillic"]),
        ("Πού είναι το λιμάνι;", ["greek"]),
        ("ქართული", ["other"]),
        ("2026-11-22: 42 %", []),
        ("", []),
    ],
)
def test_a_text_has_the_scripts_of_its_letters(text: str, scripts: list[str]) -> None:
    assert scripts_of(text) == scripts
