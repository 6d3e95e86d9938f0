"""What a listing shows of its assistant, what an answer of it costs, and copies of it."""

import asyncio
from typing import Any

import pytest

from contracts.accounts import Power
from contracts.ids import new_id
from gateway.db import Record
from gateway.usage.tables import LedgerEntry
from tests.support.gateway import Person, RunningGateway, found, written
from tests.unit.gateway.storefront import counted, listed, slugs
from tests.unit.gateway.working import carry, collection_of, document_of, version_sent

CANARY = "amphora-of-the-west-wing"
FILE = "cellar-list-of-1987.txt"
INNER = "metadata-of-the-steward"


@pytest.fixture
def atlas(gateway: RunningGateway, ada: Person) -> str:
    """Ada's listing, which reads one document."""
    collection_id = collection_of(ada)
    document_of(ada, collection_id, FILE)
    carry(gateway, version_sent(gateway))
    reads = {"file_search": {"vector_store_ids": [collection_id]}}
    slug = listed(
        ada,
        "Atlas",
        description="Plans journeys.",
        instructions=f"Tell nobody of the {CANARY}.",
        metadata={"kept": INNER},
        tools=[{"type": "file_search"}],
        tool_resources=reads,
    )
    gateway.clock.forward(2)
    return slug


def chosen(person: Person, slug: str, **choices: bool) -> tuple[int, Any]:
    return person.put(f"/v1/assistants/{slug}/listing", choices)


def seen(person: Person, slug: str) -> str:
    """All that the store says to somebody of a listing."""
    _, listing = person.get(f"/v1/catalog/listings/{slug}")
    handle = listing["builder"]["handle"]
    paths = ("shelves", "listings", "categories", f"builders/{handle}", f"listings/{slug}/reviews")
    return str([listing, *(person.get(f"/v1/catalog/{path}") for path in paths)])


def test_nothing_is_shown_that_the_builder_did_not_choose_to_show(
    ada: Person, bob: Person, atlas: str
) -> None:
    _, listing = bob.get(f"/v1/catalog/listings/{atlas}")
    said = seen(bob, atlas)
    copied = bob.post(f"/v1/catalog/listings/{atlas}/copy")
    _, choices = ada.get(f"/v1/assistants/{atlas}/listing")

    assert listing["knowledge"] == {"documents": 1, "pages": 1, "passages": 1, "names": None}
    assert (listing["instructions"], listing["may_be_copied"]) == (None, False)
    assert [word for word in (CANARY, FILE, INNER) if word in said] == []
    assert (copied[0], copied[1]["code"]) == (403, "not_to_be_copied")
    assert [slugs(bob, query=word) for word in (CANARY, FILE)] == [[], []]
    assert not any(choices[name] for name in ("shows_instructions", "names_documents"))


def test_what_is_shown_is_the_published_version_and_goes_at_once(
    ada: Person, bob: Person, atlas: str
) -> None:
    assert chosen(ada, atlas, shows_instructions=True, names_documents=True)[0] == 200
    ada.post(f"/v1/assistants/{atlas}", {"instructions": "A draft of Ada's."})
    _, listing = bob.get(f"/v1/catalog/listings/{atlas}")
    chosen(ada, atlas)
    after = seen(bob, atlas)

    assert listing["instructions"] == f"Tell nobody of the {CANARY}."
    assert listing["knowledge"]["names"] == [FILE]
    assert INNER not in str(listing)
    assert [word for word in (CANARY, FILE) if word in after] == []


def test_who_does_not_share_an_assistant_chooses_nothing(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    editor = gateway.enrol("Edith", power=Power.MEMBER, beside=ada)
    ada.post(f"/v1/assistants/{atlas}/sharing/{editor.member_id}", {"powers": ["edit"]})
    tried = [chosen(person, atlas, shows_instructions=True)[0] for person in (editor, bob)]
    looked = [person.get(f"/v1/assistants/{atlas}/listing")[0] for person in (editor, bob)]
    unfit = chosen(ada, atlas, may_be_copied=True)

    assert tried == looked == [403, 404]
    assert (unfit[0], unfit[1]["code"]) == (400, "copies_show_instructions")
    assert CANARY not in seen(bob, atlas)


def test_a_copy_is_private_and_reads_only_what_its_maker_may(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    chosen(ada, atlas, shows_instructions=True, may_be_copied=True)
    admin = gateway.enrol("Adam", power=Power.ADMIN, beside=ada)
    guest = gateway.enrol("Gus", power=Power.GUEST, beside=bob)
    path = f"/v1/catalog/listings/{atlas}/copy"
    (status, copied), (_, beside) = bob.post(path), admin.post(path)
    _, own = bob.get(f"/v1/assistants/{copied['assistant_id']}")
    _, inside = admin.get(f"/v1/assistants/{beside['assistant_id']}")
    _, origin = bob.get(f"/v1/assistants/{copied['assistant_id']}/listing")
    bob.post(f"/v1/assistants/{own['id']}/publish")
    bob.put(f"/v1/assistants/{own['id']}/sharing", {"visibility": "public"})
    counted(gateway)
    counted(gateway)
    _, listing = ada.get(f"/v1/catalog/listings/{own['slug']}")

    assert (status, copied["left_out"], beside["left_out"]) == (200, 1, 0)
    assert (own["visibility"], own["published_version"]) == ("private", None)
    assert (own["instructions"], own["metadata"]) == (f"Tell nobody of the {CANARY}.", {})
    assert own["tool_resources"]["file_search"]["vector_store_ids"] == []
    assert len(inside["tool_resources"]["file_search"]["vector_store_ids"]) == 1
    assert origin["made_from"] == listing["made_from"] == {"slug": atlas, "name": "Atlas"}
    assert guest.post(path)[0] == 403


def paid(gateway: RunningGateway, slug: str, people: list[Person], **fixed: Any) -> None:
    """A finished answer for each of them, each dearer than the one before."""
    assistant_id = people[0].get(f"/v1/catalog/listings/{slug}")[1]["assistant_id"]
    fields: dict[str, Any] = {
        "created_at": gateway.clock(),
        "purpose": "chat",
        "assistant_id": assistant_id,
        "assistant_version": 1,
        "model": "small",
        "engine": "simulator",
        "input_tokens": 1,
        "cached_tokens": 0,
        "output_tokens": 1,
        "status": "complete",
        "currency": "USD",
        "price_input_pico": 1,
        "price_cached_input_pico": 1,
        "price_output_pico": 1,
    }
    rows: list[Record] = [
        LedgerEntry(
            id=new_id("led_"),
            request_id=new_id("req_"),
            workspace_id=person.workspace_id,
            member_id=person.member_id,
            amount_pico=1_000_000 * number,
            **{**fields, **fixed},
        )
        for number, person in enumerate(people, start=1)
    ]
    asyncio.run(written(gateway.database_url, rows))


def test_an_answer_costs_the_middle_of_what_enough_people_paid(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    carol = gateway.enrol("Carol")
    few, alone, tried, enough = (listed(ada, name) for name in ("Few", "Alone", "Tried", "Enough"))
    paid(gateway, few, [ada, bob, carol] * 6)
    paid(gateway, alone, [ada, bob] * 10)
    paid(gateway, tried, [ada, bob, carol] * 7, assistant_version=None)
    paid(gateway, enough, [ada, bob, carol] * 7)
    paid(gateway, enough, [ada] * 30, status="failed", currency="EUR")
    counted(gateway)
    prices = {
        slug: bob.get(f"/v1/catalog/listings/{slug}")[1]["price"]
        for slug in (few, alone, tried, enough)
    }
    gateway.clock.forward(40 * 86_400)
    counted(gateway)
    query = "SELECT count(*) FROM listing_scores WHERE price_pico IS NOT NULL"

    assert prices.pop(enough) == {"amount": "0.000011", "currency": "USD"}
    assert list(prices.values()) == [None, None, None]
    assert asyncio.run(found(gateway.database_url, query)) == [(0,)]
