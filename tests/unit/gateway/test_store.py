"""The store: what is listed, how it is found, and who may rate it."""

import asyncio
import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from contracts.accounts import Power
from tests.support.gateway import PASSWORD, Person, RunningGateway, found
from tests.support.waiting import wait_until
from tests.unit.gateway.storefront import counted, listed, slugs, used

SECRET = (
    "Never tell anybody about the amphora in the cellar of the west wing, whoever asks. Plan every "
    "journey by train, name stations and times, and say which seats must be reserved beforehand."
)


@pytest.fixture
def atlas(gateway: RunningGateway, ada: Person) -> str:
    """Ada's listing; what comes after it is looked for again."""
    slug = listed(
        ada,
        "Atlas of travel",
        description="Plans journeys by train.",
        instructions=SECRET,
        category="everyday",
        tags=["trains", "旅行"],
        starters=["Where to in May?"],
    )
    gateway.clock.forward(2)
    return slug


def test_only_public_and_published_assistants_are_listed(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    _, draft = ada.post("/v1/assistants", {"name": "Atlas draft"})
    ada.put(f"/v1/assistants/{draft['id']}/sharing", {"visibility": "public"})
    _, inner = ada.post("/v1/assistants", {"name": "Atlas inside"})
    ada.post(f"/v1/assistants/{inner['id']}/publish")
    gateway.clock.forward(2)

    assert slugs(bob) == slugs(ada) == slugs(bob, query="atlas") == [atlas]
    assert ada.get(f"/v1/catalog/listings/{inner['slug']}")[1]["code"] == "listing_not_found"
    assert bob.get(f"/v1/catalog/listings/{draft['slug']}")[1]["code"] == "listing_not_found"


def test_what_is_withdrawn_is_not_shown_even_while_it_is_remembered(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    other = listed(ada, "Second")
    gateway.clock.forward(2)
    before = slugs(bob)
    ada.put(f"/v1/assistants/{atlas}/sharing", {"visibility": "private"})

    assert set(before) == {atlas, other}
    assert slugs(bob) == [other]
    assert bob.get(f"/v1/catalog/listings/{atlas}")[0] == 404


def test_a_listing_says_what_its_published_version_says(
    ada: Person, bob: Person, atlas: str
) -> None:
    ada.post(f"/v1/assistants/{atlas}", {"name": "Changed", "starters": ["Other"]})
    status, listing = bob.get(f"/v1/catalog/listings/{atlas}")

    assert (status, listing["name"], listing["category"]) == (200, "Atlas of travel", "everyday")
    assert listing["starters"] == ["Where to in May?"]
    assert [each["version"] for each in listing["versions"]] == [1]
    assert listing["builder"]["name"] == "Ada"
    assert (listing["rating"], listing["rating_count"]) == (None, 0)
    for secret in ("amphora", ada.member_id, "example.org", ada.workspace_id):
        assert secret not in str(listing)


def test_search_knows_both_languages_beginnings_and_slips(bob: Person, atlas: str) -> None:
    found_by = [
        "atlas",
        "trav",
        "tarvel",
        "journey",
        "trains ada",
        "旅行",
        "旅",
        "railroad",
        "zzzz",
    ]

    assert [word for word in found_by if slugs(bob, query=word) == [atlas]] == found_by[:-2]


def test_filters_narrow_the_list(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    other = listed(ada, "Ledger", category="work", tags=["money"])
    gateway.clock.forward(2)
    _, categories = bob.get("/v1/catalog/categories")

    assert slugs(bob, category="work") == slugs(bob, tag="money") == [other]
    assert slugs(bob, category="everyday", query="atlas") == [atlas]
    assert slugs(bob, category="health") == []
    assert slugs(bob, sort="new") == [other, atlas]
    assert categories["listings"] == 2
    assert {each["category"] for each in categories["data"]} == {"work", "everyday"}


def test_pages_follow_one_another(gateway: RunningGateway, ada: Person, bob: Person) -> None:
    every = {listed(ada, f"Number {number}") for number in range(5)}
    gateway.clock.forward(2)
    _, page = bob.get("/v1/catalog/listings", limit=2)
    seen = [each["slug"] for each in page["data"]]
    for _ in range(2):
        _, page = bob.get("/v1/catalog/listings", limit=2, after=page["last_id"])
        seen += [each["slug"] for each in page["data"]]

    assert (len(seen), set(seen), page["has_more"]) == (5, every, False)


def test_who_has_not_used_it_does_not_rate_it_and_builders_never_do(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    path = f"/v1/catalog/listings/{atlas}/rating"
    admin = gateway.enrol("Adam", power=Power.ADMIN, beside=ada)
    too_early = bob.put(path, {"stars": 5})
    used(gateway, admin, atlas, ada)

    assert (too_early[0], too_early[1]["code"]) == (403, "not_used_yet")
    for builder in (ada, admin):
        assert builder.put(path, {"stars": 5})[1]["code"] == "own_listing"
    assert gateway.with_key(bob, "read", "chat").put(path, {"stars": 5})[0] == 403


def test_one_has_one_rating_and_may_change_it_and_take_it_back(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    used(gateway, bob, atlas, ada)
    path, page = f"/v1/catalog/listings/{atlas}/rating", f"/v1/catalog/listings/{atlas}"
    first = bob.put(path, {"stars": 2, "review": "Slow."})
    bob.put(path, {"stars": 4, "review": " Faster now. "})
    _, listing = bob.get(page)
    _, reviews = ada.get(f"{page}/reviews")
    counted(gateway)
    _, later = ada.get(page)
    taken = [bob.delete(path)[0] for _ in range(2)]
    _, after = bob.get(page)

    assert first[0] == 200
    assert (listing["rating"], listing["rating_count"], listing["may_rate"]) == (4.0, 1, True)
    assert listing["own_rating"]["review"] == "Faster now."
    assert [(each["name"], each["stars"]) for each in reviews["data"]] == [("Bob", 4)]
    assert bob.member_id not in str(reviews)
    assert later["distribution"] == listing["distribution"]
    assert (later["people"], later["answers"], later["own_rating"]) == (1, 2, None)
    assert taken == [200, 200]
    assert (after["rating"], after["own_rating"]) == (None, None)


def test_a_rating_is_one_to_five_stars_and_a_short_text(bob: Person, atlas: str) -> None:
    path = f"/v1/catalog/listings/{atlas}/rating"
    unfit = [{"stars": 0}, {"stars": 6}, {"stars": 3, "review": "x" * 2001}]

    assert [bob.put(path, said)[0] for said in unfit] == [400] * 3


def test_a_builder_has_a_page_that_does_not_tell_their_id(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    other = listed(ada, "Second")
    gateway.clock.forward(2)
    _, listing = bob.get(f"/v1/catalog/listings/{atlas}")
    handle = listing["builder"]["handle"]
    status, builder = bob.get(f"/v1/catalog/builders/{handle}")

    assert [each["slug"] for each in listing["more"]] == [other]
    assert (status, builder["name"]) == (200, "Ada")
    assert {each["slug"] for each in builder["listings"]} == {atlas, other}
    assert bob.get(f"/v1/catalog/builders/{ada.member_id}")[1]["code"] == "builder_not_found"


def test_a_copy_is_named_and_comes_last(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    counted(gateway)
    gateway.clock.forward(60)
    copy = listed(bob, "Atlas pro", instructions=f"{SECRET} Please.")
    counted(gateway)
    gateway.clock.forward(60)
    third = listed(ada, "Zebra", instructions="Tell of stripes and of the long grass they hide in.")
    counted(gateway)
    _, listing = ada.get(f"/v1/catalog/listings/{copy}")

    assert listing["similar_to"] == {"slug": atlas, "name": "Atlas of travel"}
    assert slugs(ada, sort="new") == [third, atlas, copy]
    assert slugs(ada, query="atlas") == [atlas, copy]


def test_what_somebody_said_is_in_their_export_and_goes_with_their_account(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    used(gateway, bob, atlas, ada)
    bob.put(f"/v1/catalog/listings/{atlas}/rating", {"stars": 1, "review": "Never again."})
    counted(gateway)
    taken_along = gateway.http.post(
        "/v1/me/export", headers=bob.headers(), json={"password": PASSWORD}
    )
    [kept] = json.loads(ZipFile(BytesIO(taken_along.content)).read("store.json"))
    gone = bob.post("/v1/me/delete", {"password": PASSWORD})
    counted(gateway)
    _, listing = ada.get(f"/v1/catalog/listings/{atlas}")
    _, reviews = ada.get(f"/v1/catalog/listings/{atlas}/reviews")

    assert (kept["answers"], kept["rating"]["stars"]) == (2, 1)
    assert kept["rating"]["review"] == "Never again."
    assert gone[0] == 200
    assert (listing["rating_count"], listing["people"], reviews["data"]) == (0, 0, [])


def test_a_dissolved_workspace_leaves_no_listing_behind(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    used(gateway, bob, atlas, ada)
    bob.put(f"/v1/catalog/listings/{atlas}/rating", {"stars": 5})
    counted(gateway)
    gone = ada.post("/v1/me/delete", {"password": PASSWORD})
    gateway.clock.forward(2)
    rows = "SELECT count(*) FROM ratings UNION ALL SELECT count(*) FROM listing_prints"

    assert (gone[0], slugs(bob)) == (200, [])
    assert asyncio.run(found(gateway.database_url, rows)) == [(0,), (0,)]


def test_weight_grows_with_the_account_and_with_what_it_uses(
    gateway: RunningGateway, ada: Person, bob: Person, atlas: str
) -> None:
    carol = gateway.enrol("Carol")
    other = listed(carol, "Second")
    for slug, builder in ((atlas, ada), (other, carol)):
        used(gateway, bob, slug, builder)
    bob.put(f"/v1/catalog/listings/{atlas}/rating", {"stars": 5})
    query = "SELECT weighed_votes FROM listing_scores s JOIN assistants a ON a.id = s.assistant_id"
    weights = []
    for days in (0, 8):
        gateway.clock.forward(timedelta(days=days).total_seconds())
        counted(gateway)
        query_of = f"{query} WHERE a.slug = :slug"
        weights += asyncio.run(found(gateway.database_url, query_of, slug=atlas))

    assert weights == [(pytest.approx(1 / 21),), (1.0,)]


def test_the_front_has_shelves_of_orders_and_of_the_fullest_categories(
    gateway: RunningGateway, ada: Person, bob: Person
) -> None:
    first, *_, last = [listed(ada, f"Garden {n}", category="everyday") for n in range(3)]
    listed(ada, "Ledger", category="work")
    gateway.clock.forward(2)
    status, front = bob.get("/v1/catalog/shelves", limit=2)
    named = {(each["sort"], each["category"]): each["listings"] for each in front["data"]}

    assert status == 200
    assert list(named) == [("trending", None), ("new", None), ("top", None), ("top", "everyday")]
    assert [len(each) for each in named.values()] == [2, 2, 2, 2]
    assert last in [each["slug"] for each in named["new", None]]
    assert named["top", "everyday"][0]["slug"].startswith(first[:6])
    assert front["categories"]["listings"] == 4


def test_the_catalogue_is_kept_young_without_waiting_for_a_question(
    ada: Person, atlas: str
) -> None:
    assert ada.get("/v1/catalog/categories")[1]["listings"] == 1
    other = listed(ada, "Second")
    # Nobody's clock moves: what keeps it young looks again by itself.

    assert wait_until(lambda: len(slugs(ada)) == 2 or None, seconds=20, what="a second listing")
    assert set(slugs(ada)) == {atlas, other}
