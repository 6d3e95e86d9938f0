"""The proof of citations itself: what is true passes, and every shift is caught."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.chat import Annotation, FileCitation
from tests.support.cited import Cited, faults_of, shifted

TEXT = "Annual leave is 25 days a year.\n\n全职员工每年享有25天年假。\n\nA lost laptop is reported."
# No character twice: a shift to the same words again would be no fault.
DIFFERENT = "".join(map(chr, range(0x4E00, 0x4E50)))
ANSWER = "You have 25 days [1]."
MARKER = (17, 20)


def cited(start: int, end: int, text: str = TEXT) -> Cited:
    return Cited(start=start, end=end, version=2, file_id="file-1", text=text)


def citation_of(start: int, end: int, text: str = TEXT) -> Annotation:
    return Annotation(
        index=1,
        start_index=MARKER[0],
        end_index=MARKER[1],
        file_citation=FileCitation(
            file_id="file-1",
            filename="leave.md",
            passage_id="psg_1",
            document_version=2,
            page=None,
            start=start,
            end=end,
            quote=text[start:end],
        ),
    )


@given(st.data())
def test_a_true_citation_is_proven_and_no_shift_of_it_is(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(DIFFERENT) - 1))
    end = data.draw(st.integers(begin + 1, len(DIFFERENT)))
    start = data.draw(st.integers(begin, end - 1))
    stop = data.draw(st.integers(start + 1, end))
    true = citation_of(start, stop, DIFFERENT)
    passages = {"psg_1": cited(begin, end, DIFFERENT)}

    assert faults_of(ANSWER, true, passages["psg_1"]) == []
    for name, false in shifted(true, "psg_none").items():
        found = passages.get(false.file_citation.passage_id)
        assert faults_of(ANSWER, false, found), name


def test_a_neighbours_passage_is_not_the_one_that_was_cited() -> None:
    second = TEXT.index("全职")
    true = citation_of(0, 31)
    false = shifted(true, "psg_2")["another passage"]

    assert faults_of(ANSWER, true, cited(0, 31)) == []
    assert faults_of(ANSWER, false, cited(second, second + 16)) == ["the span leaves the passage"]
