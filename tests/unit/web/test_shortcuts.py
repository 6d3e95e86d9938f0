"""Keyboard shortcuts: their page without scripts, and the switch for whoever they hinder."""

from tests.support.web_people import Person, words_of

SCRIPT = "js/shortcuts"


def test_the_account_leads_to_the_list_of_shortcuts(ada: Person) -> None:
    page = words_of(ada.get("/shortcuts"))

    assert 'href="/shortcuts"' in ada.get("/account").text
    assert "Search your chats" in page
    assert "Stop the answer that is being written" in page


def test_single_keys_can_be_switched_off_and_on_again(ada: Person) -> None:
    before = ada.get("/chat").text
    ada.post("/shortcuts", {"keys": "off"})
    off, page = ada.get("/chat").text, words_of(ada.get("/shortcuts"))
    ada.post("/shortcuts", {"keys": "on"})

    assert SCRIPT in before
    assert SCRIPT not in off
    assert "are switched off" in page
    assert SCRIPT in ada.get("/chat").text
