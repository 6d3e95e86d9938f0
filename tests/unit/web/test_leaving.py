"""The page between a link and the site it leads to: nothing is opened, nothing is disguised."""

import pytest

from tests.support.web_people import Person, words_of
from web.targets import LONGEST_ADDRESS, Target, leave_path, target_of


def of(address: str) -> Target:
    target = target_of(address)
    assert target is not None
    return target


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " https://evil.example",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://evil.example/",
        "mailto:ada@example.org",
        "//evil.example/",
        "/studio",
        "evil.example",
        "",
        "https://",
        "https:///path",
        "https:evil.example",
        "https:/evil.example",
        "https://bank.example@evil.example/",
        "https://bank.example\\@evil.example/",
        "https://evil.example/\\x",
        "https://evil.example/\nx",
        "https://evil.example/\r\nset-cookie: a=b",
        "https://evil.example/<script>",
        'https://evil.example/"onclick="x',
        "https://evil.example:99999999/",
        "https://[::1/",
        "https://%65vil.example/",
        "https://e\u202evil.example/",
        "https://a..b\u3002/" + "x" * LONGEST_ADDRESS,
    ],
)
def test_what_is_not_plainly_a_web_site_has_no_way_out(stranger: Person, address: str) -> None:
    page = stranger.get(leave_path(address))

    assert target_of(address) is None
    assert page.status_code == 400
    assert "Go there" not in page.text


def test_a_link_shows_its_whole_target_with_the_host_apart(stranger: Person) -> None:
    page = stranger.get(leave_path("https://Evil.Example:8443/login?to=bank.example#x"))

    assert page.status_code == 200
    assert "https://<strong>evil.example:8443</strong>/login?to=bank.example#x" in page.text
    assert 'href="https://evil.example:8443/login?to=bank.example#x"' in page.text
    assert 'rel="noreferrer noopener nofollow"' in page.text
    assert "sent to that site" in words_of(page)


def test_look_alike_letters_are_written_out(stranger: Person) -> None:
    page = stranger.get(leave_path("https://\u0430pple.example/"))

    assert "<strong>xn--pple-43d.example</strong>" in page.text
    assert "letters of other alphabets" in words_of(page)


def test_letters_that_turn_a_line_round_are_written_out() -> None:
    assert of("https://evil.example/\u202egnp.exe").rest == "/%E2%80%AEgnp.exe"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/", "https://[::1]:80/x", "https://a.example/?q=%41&b=\u4e2d"]
)
def test_plain_addresses_stay_what_they_are(address: str) -> None:
    assert of(address).address.isascii()
    assert target_of(of(address).address) == of(address)


def test_no_page_opens_it_by_itself(stranger: Person) -> None:
    page = stranger.get(leave_path("https://evil.example/"))

    assert "location" not in page.headers
    assert "refresh" not in page.headers
    assert 'http-equiv="refresh"' not in page.text
    assert page.headers["referrer-policy"] == "same-origin"


def test_members_are_greeted_there(ada: Person) -> None:
    assert ada.get(leave_path("https://evil.example/")).status_code == 200
