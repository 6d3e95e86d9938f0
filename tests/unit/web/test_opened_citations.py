"""The page a citation opens: the quote marked in its text, or on a picture of its page."""

import re

import pytest

from tests.support.gateway_standin_passages import LEAD, TRAIL, booklet
from tests.support.screenshots import booklet_quote
from tests.support.web_people import Person, words_of
from web.chat.citations import MOST, number_of

RECTANGLE = re.compile(r'<rect[^>]* x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" />')
WALK, PAGES = "/chat/passages/psg_walk", "/chat/passages/psg_booklet"
NONSENSE = (
    "", "start=5&end=3", "start=0&end=99999999", "start=-1&end=-5", "start=&end=",
    "start=x&end=y", "start=1e9&end=NaN", "start=１２&end=٣", "start=1.5&end=0x10",
    f"start={'9' * 5_000}&end={'9' * 5_000}", "start=1&start=2&end=%00", "page=-1", "page=two",
    "page=99999999999999999999", "start[]=1&end=%E4%B8%89",
)  # fmt: skip


def test_a_cited_passage_is_shown_with_its_quote_marked(ada: Person) -> None:
    response = ada.get(f"{WALK}?start=1000&end=1044")

    assert '<mark id="quote">A stoa was a covered walk, open on one side </mark>' in response.text
    assert "What it was for" in words_of(response)


def test_what_stands_around_it_is_there_too(ada: Person) -> None:
    words = words_of(ada.get(f"{WALK}?start=1000&end=1044"))

    assert LEAD.strip() in words
    assert TRAIL.strip() in words
    assert "Previous passage" in words


def test_a_newer_version_is_told_of_and_the_cited_one_is_shown(ada: Person) -> None:
    older = words_of(ada.get(f"{WALK}?start=1000&end=1044"))
    current = words_of(ada.get(booklet_quote()))

    assert "This is version 1 of the document, the one that was cited." in older
    assert "A newer version exists: version 2." in older
    assert "newer version" not in current


@pytest.mark.parametrize("query", NONSENSE)
def test_whatever_an_address_says_the_passage_opens(ada: Person, query: str) -> None:
    answers = [ada.get(f"{path}?{query}") for path in (WALK, PAGES)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "closed by a wall on the other" in words_of(answers[0])
    assert "Rules of the Harbour" in words_of(answers[1])


@pytest.mark.parametrize(
    ("said", "number"),
    [("12", 12), ("0", 0), ("-1", 0), ("", 0), ("x", 0), ("１", 0), (" 1", 0), ("9" * 99, MOST)],
)
def test_numbers_of_an_address_are_numbers_or_nothing(said: str, number: int) -> None:
    assert number_of(said) == number


def test_a_quote_over_two_pages_is_marked_on_both_pictures(ada: Person) -> None:
    page = ada.get(booklet_quote()).text
    marks = RECTANGLE.findall(page)

    assert page.count('id="quote"') == 1
    assert [page.count(f"/pages/{number}") for number in (1, 2, 3)] == [1, 1, 0]
    assert len(marks) > 3
    assert "Its telephone number is posted" in page


def test_each_page_can_be_turned_to_and_back_from(ada: Person) -> None:
    first = ada.get(booklet_quote().replace("#quote", ""))
    third = ada.get(booklet_quote().replace("#quote", "&page=3"))

    assert 'rel="next"' in first.text
    assert "Back to the quote" in words_of(third)
    assert RECTANGLE.findall(third.text) == []
    assert 'rel="prev"' in third.text


def test_a_picture_is_served_as_nothing_else(ada: Person) -> None:
    answer = ada.get(f"{PAGES}/pages/1")
    again = ada.client.get(f"{PAGES}/pages/1", headers={"if-none-match": answer.headers["etag"]})

    assert answer.content == booklet()[1][0].content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox; default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("number", ["0", "-1", "6", "x", "1.0", "9" * 60, "%00"])
def test_what_is_no_page_is_not_found(ada: Person, number: str) -> None:
    assert ada.get(f"{PAGES}/pages/{number}").status_code == 404


def test_a_passage_that_is_gone_is_not_found(ada: Person) -> None:
    answers = [ada.get(f"/chat/passages/psg_gone{rest}") for rest in ("", "/pages/1")]

    assert [answer.status_code for answer in answers] == [404, 404]
