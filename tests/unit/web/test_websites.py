"""An assistant on other web sites: keys that pages show, and the lines that go into a page."""

import re
from html import unescape

import httpx2
import pytest

from contracts.accounts import KeyKind, Scope
from contracts.assistants import Visibility
from tests.support.gateway_standin import Standin
from tests.support.web_people import Person, words_of

SITE = "https://shop.example"
FIELDS: dict[str, str | list[str]] = {"name": "Shop", "origins": SITE}


@pytest.fixture
def desk(ada: Person, assistant_of_ada: str) -> str:
    """The page of a published assistant for web sites."""
    ada.post(f"/studio/{assistant_of_ada}/publish")
    return f"/studio/{assistant_of_ada}/websites"


def lines_in(response: httpx2.Response) -> list[str]:
    """What is to be copied into a page, as it comes out of the clipboard."""
    found = re.findall(r'<pre class="example".*?<code>(.*?)</code>', response.text, re.DOTALL)
    return [unescape(each) for each in found]


def test_a_key_is_made_without_a_script_and_shows_the_lines_whenever_it_is_looked_at(
    ada: Person, desk: str, standin: Standin
) -> None:
    more = {"visitor_answers": "5", "answers": "1,000", "days": "30", "amount": "5"}
    made = ada.post(desk, FIELDS | more)
    (key,) = standin.keys.values()
    page = ada.get(desk)
    script, frame = lines_in(page)

    assert made.headers["location"] == f"{desk}#{key.id}"
    assert (key.kind, key.scopes, key.origins) == (KeyKind.PUBLISHABLE, [Scope.CHAT], [SITE])
    assert (key.visitor_answers, key.answers, key.expires_at is None) == (5, 1_000, False)
    assert f'data-key="{key.publishable_key}" async></script>' in script
    assert re.match(r'<script src="http://[^/"]+/widget\.js" ', script)
    assert f"/widget/{key.publishable_key}" in frame
    assert "5 to one visitor, 1,000 to all" in words_of(page)


def test_a_name_stays_inside_its_quotes_in_the_lines(
    ada: Person, desk: str, standin: Standin
) -> None:
    (assistant,) = standin.assistants.values()
    assistant.name = 'A "guide" <b> & more'
    ada.post(desk, FIELDS)
    _, frame = lines_in(ada.get(desk))

    assert 'title="A &quot;guide&quot; &lt;b&gt; &amp; more"' in frame


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({**FIELDS, "name": " "}, "This is too short."),
        ({**FIELDS, "origins": " "}, "Name at least one web site."),
        ({**FIELDS, "origins": "no site"}, "Write sites as https://example.org, one a line."),
        ({**FIELDS, "visitor_answers": "many"}, "This is not accepted."),
        ({**FIELDS, "answers": "0"}, "This is not accepted."),
        ({**FIELDS, "days": "9"}, "This is not accepted."),
    ],
)
def test_a_form_that_is_not_right_makes_nothing_and_keeps_what_was_typed(
    ada: Person, desk: str, standin: Standin, fields: dict[str, str | list[str]], problem: str
) -> None:
    response = ada.post(desk, fields)

    assert response.status_code == 422
    assert problem in words_of(response)
    assert str(fields["origins"]).strip() in response.text
    assert standin.keys == {}


def test_revoking_takes_the_key_from_the_page(ada: Person, desk: str, standin: Standin) -> None:
    ada.post(desk, FIELDS)
    (key,) = standin.keys.values()
    response = ada.post(f"{desk}/{key.id}/revoke")

    assert response.headers["location"] == desk
    assert standin.keys == {}
    assert "No keys yet." in words_of(ada.get(desk))


def test_secret_keys_are_not_among_them_and_programs_find_these_marked(
    ada: Person, desk: str, standin: Standin
) -> None:
    studio = desk.removesuffix("/websites")
    ada.post(f"{studio}/keys", {"name": "Night job", "scopes": ["chat"]})
    ada.post(desk, FIELDS)

    assert "Night job" not in words_of(ada.get(desk))
    assert len(standin.keys) == 2
    assert "for web pages" in words_of(ada.get(studio))
    assert f'href="{desk}"' in ada.get("/account").text


def test_the_page_says_why_no_web_site_gets_answers(
    ada: Person, assistant_of_ada: str, standin: Standin
) -> None:
    path = f"/studio/{assistant_of_ada}/websites"
    draft = words_of(ada.get(path))
    ada.post(f"/studio/{assistant_of_ada}/publish")
    standin.assistants[assistant_of_ada].visibility = Visibility.PRIVATE
    private = words_of(ada.get(path))
    standin.assistants[assistant_of_ada].visibility = Visibility.WORKSPACE
    standin.admits_guests = False
    closed = words_of(ada.get(path))

    assert "Publish the assistant first" in draft
    assert "The assistant is private, so no web site reaches it." in private
    assert "answers only people who are signed in" in closed
    assert all("Make the key" not in words for words in (draft, private, closed))
