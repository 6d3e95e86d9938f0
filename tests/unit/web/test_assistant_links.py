"""An assistant shared by link from the studio: what holders see, made, counted, revoked."""

import re

import pytest

from contracts.assistants import Visibility
from contracts.definitions import Accent
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_versions import publish_in
from tests.support.web_people import Person, words_of

CHINESE = {"accept-language": "zh-CN"}


@pytest.fixture
def page(ada: Person, standin: Standin, assistant_of_ada: str) -> str:
    """Where the links of a published assistant are that whoever has one may ask."""
    publish_in(standin, assistant_of_ada, "")
    shared = ada.post(f"/studio/{assistant_of_ada}/sharing", {"visibility": "link"})
    assert shared.status_code == 303
    assert standin.assistants[assistant_of_ada].visibility is Visibility.LINK
    return f"/studio/{assistant_of_ada}/links"


def test_the_page_says_who_gets_in_and_what_they_see_before_there_is_a_link(
    ada: Person, standin: Standin, page: str, assistant_of_ada: str
) -> None:
    studio = ada.get(f"/studio/{assistant_of_ada}").text
    shown = words_of(ada.get(page))
    standin.admits_guests = False
    closed = words_of(ada.get(page))

    assert f'href="{page}"' in studio
    assert 'value="link" checked' in studio
    assert "Not shown: its instructions, the files" in shown
    assert "No account is needed." in shown
    assert "admits no guests" in closed
    assert "No account is needed." not in closed
    assert "Links that were not revoked" not in shown


def test_a_link_is_shown_once_opens_the_room_and_is_counted(
    ada: Person, stranger: Person, standin: Standin, page: str
) -> None:
    form = {"form_token": ada.token(), "name": "For friends", "days": "7"}
    made = [ada.client.post(page, data=form) for _ in range(2)]
    addresses = [re.findall(r"http://web\.example(/l/[\w-]+)", one.text) for one in made]
    listed = ada.get(page)

    assert addresses[0] == addresses[1]  # sent twice, made once
    assert len(standin.links) == 1
    assert stranger.get(addresses[0][0]).status_code == 200
    assert addresses[0][0] not in listed.text
    assert "For friends" in words_of(listed)
    assert "Visitors: 3" in words_of(listed)
    assert "valid until" in words_of(listed)


def test_revoking_is_asked_about_and_shows_everybody_out(
    ada: Person, stranger: Person, standin: Standin, page: str
) -> None:
    ada.post(page, {"name": ""})
    (token, made), *_ = standin.links.items()
    asked = ada.get(f"{page}/{made.id}/revoke")
    revoked = ada.post(f"{page}/{made.id}/revoke")

    assert "shown out at once" in words_of(asked)
    assert revoked.headers["location"] == page
    assert stranger.get(f"/l/{token}").status_code == 404
    assert ada.get(f"{page}/{made.id}/revoke").status_code == 404


def test_what_cannot_be_is_said_on_the_page(
    ada: Person, standin: Standin, page: str, assistant_of_ada: str
) -> None:
    long = ada.post(page, {"name": "x" * 101})
    odd = ada.post(page, {"days": "8"})
    standin.assistants[assistant_of_ada].visibility = Visibility.PRIVATE
    private = ada.post(page, {"name": "x"})

    assert (long.status_code, odd.status_code, private.status_code) == (422, 422, 409)
    assert "choose how long the link lives" in words_of(odd)
    assert "It is private now" in words_of(private)
    assert standin.links == {}


def test_the_colour_of_its_page_is_chosen_in_the_form(
    ada: Person, standin: Standin, assistant_of_ada: str
) -> None:
    where = f"/studio/{assistant_of_ada}"
    ada.post(where, {"accent": "plum"})
    chosen = standin.assistants[assistant_of_ada].accent
    shown = ada.get(where).text
    ada.post(where, {"accent": ""})

    assert chosen is Accent.PLUM
    assert '<option value="plum" selected>' in shown
    assert standin.assistants[assistant_of_ada].accent is None


def test_it_is_all_there_in_chinese(ada: Person, page: str) -> None:
    shown = words_of(ada.get(page, CHINESE))

    for text in ("通过链接分享", "拿到链接的人会看到什么", "不需要账号"):
        assert text in shown
