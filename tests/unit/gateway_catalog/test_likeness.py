"""Copies are told from what merely resembles."""

from gateway.catalog.rules.likeness import are_alike, likeness_of

TEXT = (
    "You help travellers through the Alps by train. Ask for the day and the number of people, name "
    "the connections with their times, say where seats must be reserved, and keep to what the "
    "timetables in your documents say. Never guess a price. When a line is closed, offer the bus."
)
CHINESE = "你帮助旅客乘火车穿越阿尔卑斯山。请先询问日期和人数，再列出车次和时间，说明哪些需要订座。"


def test_a_text_with_a_few_changes_is_a_copy() -> None:
    changed = TEXT.replace("Never guess", "Do not guess") + " Be friendly."

    assert are_alike(likeness_of(TEXT, []), likeness_of(changed, []))
    assert are_alike(likeness_of(CHINESE, []), likeness_of(CHINESE + "谢谢。", []))


def test_another_text_is_none() -> None:
    other = "You explain the tax law to small shops, paragraph by paragraph, and name each source."

    assert not are_alike(likeness_of(TEXT, []), likeness_of(other * 2, []))
    assert not are_alike(likeness_of(TEXT, []), likeness_of("", []))


def test_a_template_with_other_files_is_another_thing() -> None:
    one, other = likeness_of(TEXT, ["a", "b", "c"]), likeness_of(TEXT, ["d", "e", "f"])
    same = likeness_of(TEXT, ["a", "b", "z"])

    assert not are_alike(one, other)
    assert are_alike(one, same)
    assert are_alike(one, likeness_of(TEXT, []))


def test_a_short_text_proves_nothing_without_the_files() -> None:
    short = "Answer from the documents."

    assert not are_alike(likeness_of(short, []), likeness_of(short, []))
    assert not are_alike(likeness_of("", []), likeness_of("", []))
    assert are_alike(likeness_of(short, ["a"]), likeness_of(short, ["a"]))


def test_what_is_alike_has_a_band_in_common() -> None:
    changed = TEXT.replace("Never guess", "Do not guess")
    bands = [set(likeness_of(text, []).bands) for text in (TEXT, changed, CHINESE)]

    assert bands[0] & bands[1]
    assert not bands[0] & bands[2]
