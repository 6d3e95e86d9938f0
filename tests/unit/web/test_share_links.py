"""A conversation shown to others by link: made, opened, revoked, without any script."""

import re

import httpx2
import pytest

from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of
from tests.unit.web.test_talks import begun

CHINESE = {"accept-language": "zh-CN"}


@pytest.fixture
def conversation(ada: Person, standin: Standin, assistant_of_ada: str) -> str:
    return begun(ada, standin, assistant_of_ada)


def shared(ada: Person, conversation: str) -> str:
    """Make a link over the page; the path it leads to."""
    return path_in(ada.post(f"/chat/{conversation}/shares", {}))


def path_in(page: httpx2.Response) -> str:
    found = re.search(r"http://web\.example(/shared/[\w-]+)", page.text)
    assert found, page.text
    return found[1]


def test_the_page_says_what_others_will_see_before_there_is_a_link(
    ada: Person, standin: Standin, conversation: str
) -> None:
    talk = ada.get(f"/chat/{conversation}").text
    page = words_of(ada.get(f"/chat/{conversation}/shares"))
    standin.shares_with_anyone = True
    of_anyone = words_of(ada.get(f"/chat/{conversation}/shares"))

    assert f'href="/chat/{conversation}/shares"' in talk
    assert "What others see" in page
    assert "can sign in to this installation" in page
    assert "without signing in" in of_anyone
    assert "Links that work" not in page


def test_another_member_reads_a_copy_with_its_quotes_and_no_way_into_documents(
    ada: Person, bob: Person, conversation: str, assistant_of_ada: str
) -> None:
    answer = bob.get(shared(ada, conversation))
    words = words_of(answer)

    assert answer.status_code == 200
    assert "Ada shared this conversation on" in words
    assert "A stoa was a covered walk, open on one side" in words
    assert f'href="/chat/new?assistant={assistant_of_ada}"' in answer.text
    assert 'class="chip-cite" href="#source-2-1"' in answer.text
    assert 'id="source-2-1"' in answer.text
    assert "/chat/passages/" not in answer.text
    assert conversation not in answer.text


def test_the_page_is_found_by_no_search_engine_and_its_address_told_to_nobody(
    ada: Person, bob: Person, conversation: str
) -> None:
    answer = bob.get(shared(ada, conversation))

    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow" />' in answer.text
    assert answer.headers["referrer-policy"] == "strict-origin"  # never the path
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_sent_twice_makes_one_link_and_a_dead_one_is_not_shown_again(
    ada: Person, standin: Standin, conversation: str
) -> None:
    form = {"form_token": ada.token()}
    pages = [ada.client.post(f"/chat/{conversation}/shares", data=form) for _ in range(2)]
    links = [path_in(page) for page in pages]
    (made, _) = standin.shares[links[0].removeprefix("/shared/")]
    ada.post(f"/chat/{conversation}/shares/{made.id}/revoke", {})
    again = ada.client.post(f"/chat/{conversation}/shares", data=form)

    assert links[0] == links[1]
    assert len(standin.share_keys) == 1
    assert "/shared/" not in again.text


def test_a_revoked_link_is_asked_about_and_then_gone(
    ada: Person, bob: Person, standin: Standin, conversation: str
) -> None:
    path = shared(ada, conversation)
    (made, _) = standin.shares[path.removeprefix("/shared/")]
    where = f"/chat/{conversation}/shares/{made.id}/revoke"
    listed = ada.get(f"/chat/{conversation}/shares")
    asked = ada.get(where)
    revoked = ada.post(where, {})
    gone = bob.get(path)

    assert f'href="{where}"' in listed.text
    assert path not in listed.text
    assert "Revoke this link?" in words_of(asked)
    assert ada.get(where).status_code == 404  # it is revoked by now
    assert revoked.headers["location"] == f"/chat/{conversation}/shares"
    assert gone.status_code == 404
    assert "it was revoked, or what it showed is gone" in words_of(gone)


def test_strangers_are_sent_to_sign_in_unless_the_installation_says_otherwise(
    ada: Person, stranger: Person, standin: Standin, conversation: str
) -> None:
    path = shared(ada, conversation)
    closed = stranger.get(path)
    standin.shares_with_anyone = True
    opened = stranger.get(path)

    assert closed.headers["location"] == f"/login?next={path}"
    assert opened.status_code == 200
    assert "Talk to this assistant" not in words_of(opened)


def test_a_source_that_may_not_be_quoted_any_more_is_said_to_be_gone(
    ada: Person, bob: Person, standin: Standin, conversation: str
) -> None:
    path = shared(ada, conversation)
    _, shown = standin.shares[path.removeprefix("/shared/")]
    for cited in shown.messages.data[1].citations:
        cited.filename = cited.page = cited.quote = None
    words = words_of(bob.get(path))

    assert "Not available any more" in words
    assert "Merchants sold there and teachers taught" in words  # the answer itself stays


def test_a_temporary_chat_has_no_link(ada: Person, standin: Standin, assistant_of_ada: str) -> None:
    conversation = begun(ada, standin, assistant_of_ada)
    standin.conversations[conversation].expires_at = 2_000_000_000
    talk = ada.get(f"/chat/{conversation}")
    refused = ada.post(f"/chat/{conversation}/shares", {})

    assert "/shares" not in talk.text
    assert refused.status_code == 409
    assert "A temporary chat is kept nowhere" in words_of(refused)


def test_long_copies_are_read_on_and_odd_positions_begin_at_the_beginning(
    ada: Person, bob: Person, standin: Standin, conversation: str
) -> None:
    path = shared(ada, conversation)
    _, shown = standin.shares[path.removeprefix("/shared/")]
    first, *_ = shown.messages.data
    shown.messages.data = [
        first.model_copy(update={"position": number, "content": f"Question {number}?"})
        for number in range(1, 102)
    ]
    page = bob.get(path)

    assert f'href="{path}?after=100"' in page.text
    assert "Question 101?" not in words_of(page)
    assert "Question 101?" in words_of(bob.get(f"{path}?after=100"))
    for odd in ("-1", "²", "1e3", "9" * 20, "x"):
        assert "Question 1?" in words_of(bob.get(f"{path}?after={odd}"))


def test_it_is_all_there_in_chinese(ada: Person, bob: Person, conversation: str) -> None:
    path = shared(ada, conversation)
    page = words_of(ada.get(f"/chat/{conversation}/shares", CHINESE))
    copy = words_of(bob.get(path, CHINESE))

    for text in ("通过链接分享", "别人会看到什么", "有效的链接"):
        assert text in page
    assert "分享了这段对话" in copy
