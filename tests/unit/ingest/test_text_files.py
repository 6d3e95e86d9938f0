"""Plain text: encodings, line ends, control characters; what is not text is refused."""

import pytest

from ingest.errors import InvalidFile, UnsupportedFile
from tests.support import documents
from tests.unit.ingest.conftest import Read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_chinese_text_is_read_in_every_usual_encoding(read: Read, encoding: str) -> None:
    parsed = read(documents.chinese_text(encoding).content)

    assert parsed.text == documents.plain_text(documents.CHINESE).strip()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised_by_its_zeros(read: Read, encoding: str) -> None:
    parsed = read("The ferry leaves at noon.".encode(encoding))

    assert parsed.text == "The ferry leaves at noon."


def test_western_text_of_old_windows_is_not_taken_for_chinese(read: Read) -> None:
    parsed = read("Le café du port ferme à l’été. Ça dépend des années.".encode("cp1252"))

    assert parsed.text == "Le café du port ferme à l’été. Ça dépend des années."


def test_chinese_punctuation_stays_as_it_was_written(read: Read) -> None:
    text = "价格：４２克朗，（含税）！ﬁne"

    assert read(text).text == text


def test_line_ends_and_control_characters_are_all_that_changes(read: Read) -> None:
    parsed = read("one\r\ntwo\rthree\x07\x1b[31m\x0bfour\u2028five\x7f")

    assert parsed.text == "one\ntwo\nthree[31m\nfour\nfive"


def test_characters_beyond_the_basic_plane_count_as_one(read: Read) -> None:
    parsed = read("🚢🚢 sail")

    assert len(parsed.text) == 7


def test_the_title_is_the_name_without_its_ending(read: Read) -> None:
    assert read("words", "Tide table 2026.txt").title == "Tide table 2026"


def test_a_name_that_looks_like_a_path_is_only_a_label(read: Read) -> None:
    parsed = read("words", "../../etc/\npass\0wd\u202e.txt")

    assert (parsed.title.count("/"), "\n" in parsed.title, "\0" in parsed.title) == (
        0,
        False,
        False,
    )


def test_an_empty_file_is_refused_as_empty(read: Read) -> None:
    with pytest.raises(InvalidFile, match=r"^The file is empty\.$"):
        read(b"", "nothing.pdf")


def test_a_file_of_white_space_has_no_text(read: Read) -> None:
    with pytest.raises(InvalidFile, match="has no text in it"):
        read(" \n\t \r\n")


def test_bytes_with_zeros_in_them_are_no_text(read: Read) -> None:
    with pytest.raises(UnsupportedFile, match="not text"):
        read(bytes(range(1, 200)) + b"\0\1\2")


def test_utf_16_cut_in_the_middle_is_called_broken(read: Read) -> None:
    with pytest.raises(InvalidFile, match="says it is UTF-16"):
        read("词".encode("utf-16") + b"\xd8")


def test_a_line_of_five_megabytes_is_read(read: Read) -> None:
    parsed = read("word " * 1_000_000)

    assert len(parsed.text) == 4_999_999
