"""Rooms of guests: an assistant's own page, a link, a widget; without any script."""

import re

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from contracts.assistants import Visibility
from contracts.definitions import Accent, Variable, VariableKind
from contracts.doors import LinkCreated
from tests.support.gateway_standin import Standin
from tests.support.gateway_standin_avatars import wear
from tests.support.gateway_standin_doors import a_link
from tests.support.gateway_standin_versions import publish_in
from tests.support.portraits import portrait
from tests.support.waiting import wait_until
from tests.support.web_people import Person, browser, words_of
from web.assets import STATIC
from web.frame import CONTENT_SECURITY_POLICY

CHINESE = {"accept-language": "zh-CN"}
KEY = "pk-stoa-shop"
SHOP = "https://shop.example"


@pytest.fixture
def slug(standin: Standin, assistant_of_ada: str) -> str:
    """Of a published, public assistant."""
    publish_in(standin, assistant_of_ada, "")
    found = standin.assistants[assistant_of_ada]
    found.visibility, found.description = Visibility.PUBLIC, "Knows the agora."
    return found.slug


@pytest.fixture
def linked(standin: Standin, slug: str) -> LinkCreated:
    """A link to the same assistant, which is otherwise for its workspace."""
    (assistant,) = (one for one in standin.assistants.values() if one.slug == slug)
    assistant.visibility = Visibility.LINK
    standin.links["lnk-stoa-1"] = a_link(assistant.id).model_copy(update={"token": "lnk-stoa-1"})
    return standin.links["lnk-stoa-1"]


def asked(who: Person, slug: str, door: str = "", text: str = "What was a stoa?") -> str:
    """Ask the first question over the page; where it leads."""
    answer = who.post(f"/with/{slug}/conversations", {"door": door, "text": text})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def read(who: Person, where: str) -> httpx2.Response:
    """The conversation once it is answered."""
    wait_until(lambda: "aria-busy" not in who.get(where).text, seconds=10, what="the answer")
    return who.get(where)


def test_anybody_reads_a_public_assistants_page_and_no_visit_begins_by_looking(
    stranger: Person, standin: Standin, slug: str
) -> None:
    page = stranger.get(f"/with/{slug}")

    assert page.status_code == 200
    for text in ("Guide", "Knows the agora.", "What was a stoa?", "You need no account"):
        assert text in words_of(page)
    assert standin.visits == {}
    assert "guest" not in page.headers.get("set-cookie", "")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_a_guest_asks_reads_sources_goes_on_and_finds_the_conversation_again(
    stranger: Person, standin: Standin, slug: str
) -> None:
    where = asked(stranger, slug)
    first = read(stranger, where)
    on = stranger.post(f"{where}/turns", {"text": "And in winter?"})
    second = read(stranger, where)
    home = stranger.get(f"/with/{slug}")

    assert re.fullmatch(rf"/with/{slug}/c/conv_\w+", where)
    assert 'class="chip-cite"' in first.text
    assert "A stoa was a covered walk, open on one side" in words_of(first)
    assert "Answers left today: 19" in words_of(first)
    assert on.headers["location"] == f"{where}#latest"
    assert "Answers left today: 18" in words_of(second)
    assert f'href="{where}"' in home.text
    assert len(standin.visits) == 1
    for hidden in ('"/chat', "Attach", "/shares", "export", "/context", "/chat/passages", "Places"):
        assert hidden not in second.text, hidden


def test_a_guests_cookie_is_for_that_assistants_pages_alone(web_app: FastAPI, slug: str) -> None:
    with browser(web_app) as client:
        asked(Person(client), slug)
        (kept,) = [one for one in client.cookies.jar if one.name == "test_guest"]
    with https(web_app) as client:
        person = Person(client)
        answer = person.post(f"/with/{slug}/conversations", {"text": "Hi"})

    line = next(one for one in answer.headers.get_list("set-cookie") if "guest" in one)
    assert kept.path == f"/with/{slug}"
    assert line.startswith("__Secure-test_guest=")
    flags = {flag.strip().lower() for flag in line.split(";")[1:]}
    assert {"httponly", "secure", f"path=/with/{slug}", "samesite=lax"} <= flags


def test_stop_regenerate_edit_branch_thumbs_and_erasing_stay_in_the_room(
    stranger: Person, standin: Standin, slug: str
) -> None:
    where = asked(stranger, slug)
    read(stranger, where)
    talk = where.rpartition("/")[2]
    question, answer = standin.messages[talk][:2]
    room = f"/with/{slug}"
    sent = {
        "stop": stranger.post(f"{room}/turns/{answer.turn_id}/stop"),
        "again": stranger.post(f"{room}/turns/{answer.turn_id}/regenerate"),
        "branch": stranger.post(f"{where}/branch", {"message_id": answer.id}),
        "edit": stranger.post(f"{where}/turns", {"edits": question.id, "text": "Which?"}),
        "thumb": stranger.post(f"{room}/messages/{answer.id}/feedback", {"rating": "up"}),
        "none": stranger.post(f"{room}/messages/{answer.id}/feedback/remove"),
    }
    page = read(stranger, where)
    erased = stranger.post(f"{where}/delete")

    for name, one in sent.items():
        assert one.headers["location"].startswith(f"{where}#"), name
    assert f'action="{where}/branch"' in page.text
    assert f'"{room}/turns/' in page.text
    assert erased.headers["location"] == room
    assert talk not in standin.conversations


def test_variables_are_asked_for_before_the_first_question(
    stranger: Person, standin: Standin, slug: str, assistant_of_ada: str
) -> None:
    city = Variable(name="city", label="Your city", kind=VariableKind.TEXT, required=True)
    standin.assistants[assistant_of_ada].variables = [city]
    page = stranger.get(f"/with/{slug}")
    fields = {"variable-city": "Athens", "starter": "What was a stoa?", "text": ""}
    stranger.post(f"/with/{slug}/conversations", fields)

    assert 'name="variable-city"' in page.text
    assert [one.variables for one in standin.conversations.values()] == [{"city": "Athens"}]


def test_what_is_not_public_looks_like_what_is_not_there(
    stranger: Person, ada: Person, slug: str, linked: LinkCreated
) -> None:
    pages = [
        who.get(f"/with/{name}")
        for who in (stranger, ada)
        for name in (slug, "nothing", linked.token)
    ]
    others = [f"/l/{slug}", f"/l/{KEY}", f"/widget/{linked.token}", f"/widget/{slug}", "/l/x"]

    assert {page.status_code for page in pages} == {404}
    assert len({words_of(page) for page in pages[:3]}) == 1
    assert {stranger.get(path).status_code for path in others} == {404}


def test_whoever_has_the_link_sees_the_page_and_its_address_is_told_to_nobody(
    stranger: Person, slug: str, linked: LinkCreated
) -> None:
    page = stranger.get("/l/lnk-stoa-1")
    where = asked(stranger, slug, linked.token)
    read(stranger, where)
    home = stranger.get(f"/with/{slug}")

    assert "Knows the agora." in words_of(page)
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex, nofollow" />' in page.text
    assert home.status_code == 200  # for them, by their cookie
    assert where in home.text


def test_a_revoked_link_closes_the_room_and_a_reader_hears_it_as_the_answers_end(
    stranger: Person, standin: Standin, slug: str, linked: LinkCreated
) -> None:
    standin.word_seconds = 0.2
    where = asked(stranger, slug, linked.token)
    turn = next(iter(standin.turns))
    events = f"/with/{slug}/turns/{turn}/events"
    with stranger.client.stream("GET", events) as stream:
        lines = stream.iter_lines()
        heard = [next(lines) for _ in range(8)]
        del standin.links[linked.token]
        for token in standin.visits:
            standin.sessions.pop(token)
        heard += list(lines)
    again = stranger.get(events)

    assert "event: failed" in heard
    assert "the link was revoked" in "".join(heard)
    assert "event: failed" in again.text
    for path in (where, f"/with/{slug}", "/l/lnk-stoa-1"):
        page = stranger.get(path)
        assert page.status_code == 404, path
        assert "not any more" in words_of(page) or "not open any more" in words_of(page)


def test_events_without_a_pass_are_not_there(stranger: Person, slug: str) -> None:
    assert stranger.get(f"/with/{slug}/turns/turn_1/events").status_code == 404


def test_when_all_answers_are_used_the_page_says_so_and_asks_for_nothing(
    stranger: Person, standin: Standin, slug: str
) -> None:
    where = asked(stranger, slug)
    read(stranger, where)
    (visit,) = standin.visits.values()
    visit.answers_left = 0
    refused = stranger.post(f"{where}/turns", {"text": "More?"})

    assert refused.status_code == 429
    assert "Back to Guide" in words_of(refused)
    for page in (refused, stranger.get(where), stranger.get(f"/with/{slug}")):
        assert "all that can be asked here today" in words_of(page)
    assert 'name="text"' not in stranger.get(f"/with/{slug}").text


def test_a_first_question_that_is_refused_still_keeps_the_visit(
    stranger: Person, standin: Standin, slug: str
) -> None:
    empty = stranger.post(f"/with/{slug}/conversations", {"text": ""})
    standin.guest_answers = 0
    refused = [stranger.post(f"/with/{slug}/conversations", {"text": "Hi"}) for _ in range(2)]

    assert empty.status_code == 400
    assert [answer.status_code for answer in refused] == [429, 429]
    assert len(standin.visits) == 1


def test_what_was_said_is_forgotten_after_being_asked_about(
    stranger: Person, standin: Standin, slug: str, linked: LinkCreated
) -> None:
    where = asked(stranger, slug, linked.token)
    read(stranger, where)
    sure = stranger.get(f"/with/{slug}/forget")
    gone = stranger.post(f"/with/{slug}/forget")
    home = stranger.get(f"/with/{slug}")

    assert "It cannot be undone" in words_of(sure)
    assert gone.headers["location"] == f"/with/{slug}"
    assert standin.conversations == {}
    assert standin.visits == {}
    assert home.status_code == 200  # the door is kept
    assert "Your conversations here" not in words_of(home)
    assert stranger.get(where).status_code == 404
    assert stranger.get(f"/with/{slug}/forget").status_code == 404


def test_members_are_led_to_their_own_chat_and_follow_a_link_first(
    ada: Person, standin: Standin, slug: str, linked: LinkCreated, assistant_of_ada: str
) -> None:
    page = ada.get(f"/l/{linked.token}")
    followed = ada.post("/l/lnk-stoa-1/follow")
    standin.assistants[assistant_of_ada].visibility = Visibility.PUBLIC
    public = ada.get(f"/with/{slug}")

    chat = f"/chat/new?assistant={assistant_of_ada}"
    assert 'action="/l/lnk-stoa-1/follow"' in page.text
    assert "/conversations" not in page.text
    assert followed.headers["location"] == chat
    assert standin.followed == [("Ada", "lnk-stoa-1")]
    assert f'href="{chat}"' in public.text


def test_where_guests_are_not_admitted_strangers_sign_in_first(
    stranger: Person, standin: Standin, linked: LinkCreated
) -> None:
    standin.widgets[KEY] = (linked.assistant_id, [SHOP])
    standin.admits_guests = False

    assert stranger.get("/l/lnk-stoa-1").headers["location"] == "/login?next=/l/lnk-stoa-1"
    assert stranger.post("/l/lnk-stoa-1/follow").headers["location"].startswith("/login")
    framed = stranger.get(f"/widget/{KEY}")
    assert framed.status_code == 403
    assert "asks everybody to sign in" in words_of(framed)


def test_the_picture_is_the_pages_sign_too_and_comes_from_our_own_address(
    stranger: Person, standin: Standin, slug: str, linked: LinkCreated
) -> None:
    digest = wear(standin, linked.assistant_id, portrait())
    page = stranger.get("/l/lnk-stoa-1")
    where = asked(stranger, slug, linked.token)
    room = read(stranger, where)

    for shown, base in ((page, "/l/lnk-stoa-1"), (room, f"/with/{slug}")):
        path = f"{base}/picture?v={digest}"
        assert f'rel="icon" href="{path}"' in shown.text
        assert stranger.get(path).headers["content-type"] == "image/png"
        assert "sandbox" in stranger.get(path).headers["content-security-policy"]
    standin.pictures[digest] = b"<svg onload=alert(1)>"
    assert stranger.get(f"/with/{slug}/picture").status_code == 404


def test_the_page_wears_the_assistants_colour_which_there_is_in_both_themes(
    stranger: Person, standin: Standin, slug: str, assistant_of_ada: str
) -> None:
    sheet = (STATIC / "css" / "room.css").read_text("utf-8")
    tokens = (STATIC / "css" / "tokens.css").read_text("utf-8")
    for accent in Accent:
        standin.assistants[assistant_of_ada].accent = accent

        assert f"accent-{accent.value}" in stranger.get(f"/with/{slug}").text
        if accent is not Accent.TERRACOTTA:  # the house's own
            assert f".accent-{accent.value} {{" in sheet
            assert tokens.count(f"--accent-{accent.value}-on:") == 2


def test_it_is_all_there_in_chinese(stranger: Person, slug: str) -> None:
    page = words_of(stranger.get(f"/with/{slug}", CHINESE))
    where = asked(stranger, slug)
    read(stranger, where)
    talk = words_of(stranger.get(where, CHINESE))
    sure = words_of(stranger.get(f"/with/{slug}/forget", CHINESE))

    assert "不需要账号" in page
    assert "今天还可以提问" in talk
    assert "全部删除" in sure


def https(app: FastAPI) -> TestClient:
    return TestClient(
        app,
        base_url="https://testserver",
        follow_redirects=False,
        headers={"accept": "text/html", "accept-language": "en"},
    )


@pytest.fixture
def widget(standin: Standin, slug: str, assistant_of_ada: str) -> str:
    """The slug of an assistant that shop.example shows in a frame."""
    standin.widgets[KEY] = (assistant_of_ada, [SHOP, "http://127.0.0.1:9000"])
    return slug


def test_only_a_widgets_pages_may_be_framed_and_only_by_its_sites(
    web_app: FastAPI, standin: Standin, widget: str
) -> None:
    with https(web_app) as client:
        guest = Person(client)
        first = guest.get(f"/widget/{KEY}")
        where = asked(guest, widget, KEY)
        pages = [first, read(guest, where), guest.get(f"/with/{widget}")]
        (visit,) = standin.visits.values()
        visit.answers_left = 0
        pages.append(guest.post(f"{where}/turns", {"text": "More?"}))
        cookies = guest.get(f"/widget/{KEY}").headers.get_list("set-cookie")

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert f"frame-ancestors {SHOP} http://127.0.0.1:9000;" in policy
        assert "x-frame-options" not in page.headers
        assert 'class="topbar"' not in page.text
    assert pages[-1].status_code == 429
    assert cookies == []  # what the frame needs it has by now


def test_over_https_a_widgets_cookies_are_kept_for_each_site_apart(
    web_app: FastAPI, widget: str
) -> None:
    with https(web_app) as client:
        page = client.get(f"/widget/{KEY}")
        token = re.search(r'name="form_token"\s+value="([^"]+)"', page.text)
        assert token is not None
        form = {"form_token": token[1], "door": KEY, "text": "Hi"}
        answer = client.post(f"/with/{widget}/conversations", data=form)

    lines = page.headers.get_list("set-cookie") + answer.headers.get_list("set-cookie")
    assert [line.partition("=")[0] for line in lines] == [
        "__Host-test_visit",
        "__Secure-test_guest",
    ]
    for line in lines:
        flags = {flag.strip().lower() for flag in line.split(";")[1:]}
        assert {"httponly", "secure", "samesite=none", "partitioned"} <= flags


def test_whoever_is_signed_in_is_a_guest_in_a_frame(ada: Person, widget: str) -> None:
    page = ada.get(f"/widget/{KEY}")
    where = asked(ada, widget, KEY)
    room = read(ada, where)
    home = ada.get(f"/with/{widget}")

    for shown in (page, room, home):
        assert "Ada" not in words_of(shown)
        assert "/chat/new" not in shown.text
        assert "/language" not in shown.text


def test_what_is_no_origin_never_stands_in_the_policy(
    stranger: Person, standin: Standin, widget: str, assistant_of_ada: str
) -> None:
    assert standin.assistants[assistant_of_ada].slug == widget
    odd = ["https://a.example; script-src *", "*", "https:", "https://a.example/path", "'self'"]
    for origin in odd:
        standin.widgets[KEY] = (assistant_of_ada, [origin])
        policy = stranger.get(f"/widget/{KEY}").headers["content-security-policy"]

        assert policy == CONTENT_SECURITY_POLICY


def test_the_widgets_script_is_small_and_may_be_loaded_by_other_sites(stranger: Person) -> None:
    script = stranger.get("/widget.js")

    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "public" in script.headers["cache-control"]
    assert "set-cookie" not in script.headers
    assert len(script.content) < 5_000
