"""The store's pages: found and filtered by address, read, rated, without a script."""

import pytest

from contracts.assistants import Visibility
from contracts.definitions import Category, Variable
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_store import HANDLE
from tests.support.web_people import Person, words_of

HTMX = {"hx-request": "true"}


@pytest.fixture
def listed(standin: Standin, assistant_of_ada: str) -> str:
    """Ada's public assistant; its slug."""
    assistant = standin.assistants[assistant_of_ada]
    assistant.published_version, assistant.visibility = 1, Visibility.PUBLIC
    assistant.description, assistant.category = "Walks & columns.", Category.LEARNING
    assistant.tags = ["old & new"]
    return assistant.slug


def talk(person: Person, standin: Standin, slug: str) -> None:
    assistant = next(each for each in standin.assistants.values() if each.slug == slug)
    person.post("/chat/conversations", {"assistant_id": assistant.id, "text": "What?"})


def test_the_front_has_shelves_and_categories(bob: Person, listed: str) -> None:
    front = bob.get("/store")
    words = words_of(front)

    assert [title for title in ("Best rated and most used", "Trending", "New") if title in words]
    assert "Learning (1)" in words
    assert "See all: Learning" in words
    assert 'href="/store?category=learning"' in front.text
    assert front.text.count(f'href="/store/{listed}"') == 4
    assert 'href="/store"' in bob.get("/chat").text


def test_an_empty_store_says_what_to_do(ada: Person) -> None:
    assert "The store is empty" in words_of(ada.get("/store"))


def test_search_and_filters_stand_in_the_address(bob: Person, listed: str) -> None:
    hit = bob.get("/store?query=gui&category=learning")
    miss = words_of(bob.get("/store?query=zebra"))
    piece = bob.get("/store?query=guide", headers=HTMX)
    by_tag = bob.get("/store?tag=old+%26+new")

    assert f'href="/store/{listed}"' in hit.text
    assert 'href="/store?query=gui&amp;category=learning&amp;sort=new"' in hit.text
    assert 'name="category" value="learning"' in hit.text
    assert "Nothing found" in miss
    assert "<html" not in piece.text
    assert 'id="found"' in piece.text
    assert "Without the tag old & new" in words_of(by_tag)


@pytest.mark.parametrize("query", ["category=none", "sort=best", f"query={'x' * 201}"])
def test_what_no_filter_is_called_is_refused(bob: Person, query: str) -> None:
    assert bob.get(f"/store?{query}").status_code == 400


def test_pages_of_a_long_list_lead_on(bob: Person, standin: Standin, listed: str) -> None:
    first = next(iter(standin.assistants.values()))
    for number in range(30):
        copied = first.model_copy(update={"id": f"ast_{number}", "slug": f"copy-{number}"})
        standin.assistants[copied.id] = copied
    page = bob.get("/store?query=guide")
    after = bob.get("/store?query=guide&after=23")

    assert f'href="/store/{listed}"' in page.text
    assert 'href="/store?query=guide&amp;after=23"' in page.text
    assert words_of(after).count("made by Olivia") == 7
    assert "First page" in words_of(after)


def test_a_listing_tells_what_it_is_and_begins_a_chat(
    bob: Person, standin: Standin, listed: str
) -> None:
    page = bob.get(f"/store/{listed}")
    words = words_of(page)
    standin.originals[next(iter(standin.assistants))] = "elder"
    similar = bob.get(f"/store/{listed}")

    assert "Walks & columns." in words
    assert "An answer costs about" in words
    assert "Version 2" in words
    assert 'name="text" value="What was a stoa?"' in page.text
    assert "Talk to it first" in words
    assert f'href="/store/builders/{HANDLE}"' in page.text
    assert 'href="/store/elder"' in similar.text


def test_a_starter_of_one_that_asks_first_leads_to_its_questions(
    bob: Person, standin: Standin, listed: str
) -> None:
    assistant = next(iter(standin.assistants.values()))
    assistant.variables = [Variable(name="city")]
    page = bob.get(f"/store/{listed}").text

    assert f'<a class="chip" href="/chat/new?assistant={assistant.id}">What was a stoa?</a>' in page


def test_who_talked_rates_changes_and_takes_back(
    bob: Person, standin: Standin, listed: str
) -> None:
    talk(bob, standin, listed)
    path = f"/store/{listed}/rating"
    given = bob.post(path, {"stars": "4", "review": "Clear.\r\nAnd <short>."})
    shown = bob.get(f"/store/{listed}")
    bob.post(path, {"stars": "2"})
    changed = words_of(bob.get(f"/store/{listed}"))
    taken = bob.post(f"{path}/remove")
    after = words_of(bob.get(f"/store/{listed}"))

    assert given.headers["location"] == f"/store/{listed}#ratings"
    assert "4.0 of 5; ratings: 1" in words_of(shown)
    assert "And &lt;short&gt;." in shown.text
    assert shown.text.count("checked") == 1
    assert "2.0 of 5" in changed
    assert taken.status_code == 303
    assert "Nobody has rated it yet." in after


@pytest.mark.parametrize("fields", [{}, {"stars": "6"}, {"stars": "5", "review": "x" * 2001}])
def test_an_unfit_rating_is_explained(
    bob: Person, standin: Standin, listed: str, fields: dict[str, str]
) -> None:
    talk(bob, standin, listed)
    refused = bob.post(f"/store/{listed}/rating", fields)

    assert refused.status_code == 400
    assert "Choose one to five stars" in words_of(refused)


def test_rating_before_talking_is_refused_in_plain_words(bob: Person, listed: str) -> None:
    refused = bob.post(f"/store/{listed}/rating", {"stars": "5"})

    assert refused.status_code == 403
    assert "whoever got an answer may rate it" in words_of(refused)


def test_a_builder_has_a_page(bob: Person, listed: str) -> None:
    page = bob.get(f"/store/builders/{HANDLE}")

    assert f'href="/store/{listed}"' in page.text
    assert bob.get("/store/builders/bld_none").status_code == 404


def test_the_store_speaks_chinese(bob: Person, listed: str) -> None:
    page = bob.get("/store", headers={"accept-language": "zh-CN"})
    one = bob.get(f"/store/{listed}", headers={"accept-language": "zh-CN"})

    assert "近期热门" in words_of(page)
    assert "还没有人评分。" in words_of(one)


def test_a_listing_shows_what_its_builder_chose_and_no_more(
    ada: Person, bob: Person, standin: Standin, listed: str, assistant_of_ada: str
) -> None:
    standin.assistants[assistant_of_ada].instructions = "Speak of columns only."
    closed = words_of(bob.get(f"/store/{listed}"))
    path = f"/studio/{assistant_of_ada}"
    saved = ada.post(f"{path}/listing", {"instructions": "copied", "names_documents": "yes"})
    opened = words_of(bob.get(f"/store/{listed}"))

    assert "Documents it reads: 2 · Pages: 31 · Passages: 90" in closed
    assert "does not show its instructions" in closed
    assert "Make a copy" not in closed
    assert saved.headers["location"] == f"{path}/people?saved=listing#listing"
    assert [
        word
        for word in ("Speak of columns only.", "walks.pdf", "Make a copy of my own")
        if word not in opened
    ] == []


def test_a_copy_leads_to_a_draft_of_ones_own(
    ada: Person, bob: Person, standin: Standin, listed: str, assistant_of_ada: str
) -> None:
    refused = bob.post(f"/store/{listed}/copy")
    ada.post(f"/studio/{assistant_of_ada}/listing", {"instructions": "copied"})
    standin.originals[assistant_of_ada] = listed
    made = bob.post(f"/store/{listed}/copy").headers["location"]
    words = words_of(bob.get(made))

    assert refused.status_code == 403
    assert "as a private draft of yours" in words
    assert "left out: 1" in words
    assert "Made from Elder" in words_of(ada.get(f"/store/{listed}"))
