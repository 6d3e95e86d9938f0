"""Keeping the store in order: who reports, who judges, and what a take-down does."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from contracts.accounts import Power
from tests.support.gateway import PASSWORD, Person, RunningGateway, found
from tests.support.mail import letters_in

SECRET = "Never mention the amphora in the west wing."
LISTING = "/v1/catalog/listings/atlas"
TAKEDOWN = "/v1/admin/listings/atlas/takedown"
SAID = {"reason": "misleading", "words": "It invents opening hours."}


@pytest.fixture
def operator(gateway: RunningGateway) -> Person:
    return gateway.enrol("Olga", is_operator=True)


@pytest.fixture
def carol(gateway: RunningGateway, ada: Person) -> Person:
    """An ordinary colleague of Ada's."""
    return gateway.enrol("Carol", power=Power.MEMBER, beside=ada)


@pytest.fixture
def atlas(gateway: RunningGateway, carol: Person) -> str:
    """Carol's listing; its id."""
    _, made = carol.post("/v1/assistants", {"name": "Atlas", "instructions": SECRET})
    assert carol.post(f"/v1/assistants/{made['id']}/publish")[0] == 200
    carol.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})
    gateway.clock.forward(2)
    assistant_id: str = made["id"]
    return assistant_id


def queue(operator: Person, state: str = "open") -> list[dict[str, Any]]:
    status, page = operator.get("/v1/admin/reports", state=state)
    assert status == 200, page
    data: list[dict[str, Any]] = page["data"]
    return data


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def acts(gateway: RunningGateway) -> list[tuple[Any, ...]]:
    query = (
        "SELECT action, words FROM audit_events WHERE verdict = 'done' AND split_part(action, "
        "'.', 1) IN ('report', 'case', 'listing', 'takedown', 'store') ORDER BY id"
    )
    return asyncio.run(found(gateway.database_url, query))


def test_a_second_report_replaces_the_words_of_the_first(
    bob: Person, operator: Person, atlas: str
) -> None:
    first = bob.post(f"{LISTING}/reports", SAID)
    bob.post(f"{LISTING}/reports", {"reason": "harmful", "words": " Worse than that. "})
    [case] = queue(operator)
    _, own = bob.get(f"{LISTING}/reports")

    assert first[0] == 200
    assert case["people"] == 1
    assert [(each["reason"], each["words"], each["name"]) for each in case["reports"]] == [
        ("harmful", "Worse than that.", "Bob")
    ]
    assert case["listing"]["assistant_id"] == atlas
    assert [each["words"] for each in own["data"]] == ["Worse than that."]


def test_reports_on_one_listing_are_one_case_with_its_reasons(
    gateway: RunningGateway, bob: Person, operator: Person, atlas: str
) -> None:
    assert atlas
    others = [gateway.enrol(f"Reader {number}") for number in range(4)]
    for person in (bob, *others):
        assert person.post(f"{LISTING}/reports", SAID)[0] == 200
    others[0].post(f"{LISTING}/reports", {"reason": "spam"})
    [case] = queue(operator)
    _, whole = operator.get(f"/v1/admin/reports/{case['id']}")
    _, state = operator.get("/v1/admin/store")

    assert case["people"] == 5
    assert case["reasons"] == [
        {"reason": "misleading", "count": 4},
        {"reason": "spam", "count": 1},
    ]
    assert (len(case["reports"]), len(whole["reports"])) == (3, 5)
    assert (state["open_cases"], state["appeals"]) == (1, 0)


def test_a_withdrawn_report_leaves_no_case_to_judge(
    bob: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    taken = [bob.delete(f"{LISTING}/reports")[0] for _ in range(2)]

    assert (taken, queue(operator), atlas[:4]) == ([200, 200], [], "ast_")
    assert bob.get(f"{LISTING}/reports")[1]["data"] == []


def test_builders_do_not_report_their_own_and_keys_report_nothing(
    gateway: RunningGateway, ada: Person, bob: Person, carol: Person, atlas: str
) -> None:
    key = gateway.with_key(bob, "read", "chat", "manage")

    for builder in (carol, ada):
        assert code(builder.post(f"{LISTING}/reports", SAID)) == (403, "own_listing")
    assert code(key.post(f"{LISTING}/reports", SAID)) == (403, "session_only")
    assert bob.post(f"{LISTING}/reports", {"reason": "ugly"})[0] == 400
    assert bob.post(f"{LISTING}/reports", {**SAID, "words": "x" * 2001})[0] == 400
    assert bob.post("/v1/catalog/listings/nowhere/reports", SAID)[0] == 404, atlas


def test_a_member_reports_so_many_listings_a_day(
    gateway: RunningGateway, bob: Person, carol: Person, atlas: str
) -> None:
    others = [listed(carol, f"Bellows {number}") for number in range(20)]
    first = [bob.post(f"{LISTING}/reports", SAID)[0] for _ in range(2)]
    paths = [f"/v1/catalog/listings/{slug}/reports" for slug in others]
    taken = [bob.post(path, SAID)[0] for path in paths[1:]]
    too_many = bob.post(paths[0], SAID)
    gateway.clock.forward(86_401)

    assert (first, atlas[:4]) == ([200, 200], "ast_")
    assert taken == [200] * 19
    assert code(too_many) == (429, "too_many_reports")
    assert bob.post(paths[0], SAID)[0] == 200


def listed(builder: Person, name: str) -> str:
    """A new public assistant; its slug."""
    _, made = builder.post("/v1/assistants", {"name": name})
    builder.post(f"/v1/assistants/{made['id']}/publish")
    builder.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})
    slug: str = made["slug"]
    return slug


def test_nobody_but_operators_sees_or_judges_anything(
    bob: Person, ada: Person, carol: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    [case] = queue(operator)
    path = f"/v1/admin/reports/{case['id']}"

    for person in (bob, ada, carol):
        tried = [
            person.get("/v1/admin/reports"),
            person.get("/v1/admin/store"),
            person.get(path),
            person.post(f"{path}/reading"),
            person.post(f"{path}/close", {"outcome": "dismissed"}),
            person.put(TAKEDOWN, {"words": "Because."}),
            person.delete(TAKEDOWN),
            person.put("/v1/admin/catalog/featured", {"slugs": []}),
        ]
        assert {code(each) for each in tried} == {(403, "store_not_yours")}
        assert "Bob" not in str(person.get("/v1/admin/audit")) or person is bob
    assert queue(operator)[0]["people"] == 1, atlas


def test_instructions_are_read_while_a_case_is_open_and_it_is_recorded(
    gateway: RunningGateway, bob: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    [case] = queue(operator)
    path = f"/v1/admin/reports/{case['id']}"
    status, reading = operator.post(f"{path}/reading")
    operator.post(f"{path}/close", {"outcome": "dismissed", "words": "Nothing wrong."})
    later = operator.post(f"{path}/reading")

    assert (status, reading["instructions"], reading["version"]) == (200, SECRET, 1)
    assert SECRET not in str(operator.get(path)) + str(queue(operator, "closed"))
    assert code(later) == (409, "case_closed")
    assert acts(gateway) == [
        ("report.made", None),
        ("listing.read", None),
        ("case.dismissed", "Nothing wrong."),
    ]
    assert operator.get(f"/v1/assistants/{atlas}")[0] == 404


def test_a_dismissed_case_is_closed_and_a_later_report_opens_another(
    bob: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    [case] = queue(operator)
    close = f"/v1/admin/reports/{case['id']}/close"
    answers = [operator.post(close, {"outcome": "dismissed"})[0] for _ in range(2)]
    otherwise = operator.post(close, {"outcome": "taken_down", "words": "After all."})
    bob.post(f"{LISTING}/reports", SAID)
    [closed], [opened] = queue(operator, "closed"), queue(operator)

    assert (answers, code(otherwise)) == ([200, 200], (409, "case_closed"))
    assert (closed["id"], closed["outcome"], closed["closed_by"]) == (
        case["id"],
        "dismissed",
        "Olga",
    )
    assert opened["id"] != closed["id"], atlas


def test_what_is_taken_down_is_nobodys_outside_its_workspace_at_once(
    gateway: RunningGateway, ada: Person, bob: Person, carol: Person, operator: Person, atlas: str
) -> None:
    begun = bob.post("/v1/conversations", {"assistant_id": atlas})[1]["id"]
    ours = carol.post("/v1/conversations", {"assistant_id": atlas})[1]["id"]
    bob.post(f"{LISTING}/reports", SAID)
    [case] = queue(operator)
    close = f"/v1/admin/reports/{case['id']}/close"
    wordless = operator.post(close, {"outcome": "taken_down"})
    status, closed = operator.post(close, {"outcome": "taken_down", "words": "It misleads."})
    ask = {"text": "When is it open?"}

    assert code(wordless) == (400, "reason_missing")
    assert (status, closed["outcome"], closed["takedown"]["words"]) == (
        200,
        "taken_down",
        "It misleads.",
    )
    for path in (LISTING, f"{LISTING}/reviews", f"/a/{atlas}/openapi.json"):
        assert bob.get(path)[0] == 404, path
    assert bob.get("/v1/catalog/listings")[1]["data"] == []
    assert bob.post("/v1/conversations", {"assistant_id": atlas})[0] == 404
    assert bob.post(f"/v1/conversations/{begun}/turns", ask)[0] == 404
    assert gateway.http.get(f"/a/{atlas}/openapi.json").status_code == 401
    # Its own workspace goes on with it, and no other listing of theirs is touched.
    assert ada.post("/v1/conversations", {"assistant_id": atlas})[0] == 201
    assert carol.post(f"/v1/conversations/{ours}/turns", ask)[0] in (200, 201)
    assert carol.get(f"/v1/assistants/{atlas}")[1]["taken_down_at"] is not None


def test_publishing_or_sharing_again_does_not_lift_a_takedown(
    bob: Person, carol: Person, operator: Person, atlas: str
) -> None:
    operator.put(TAKEDOWN, {"words": "It misleads."})
    carol.post(f"/v1/assistants/{atlas}/publish")
    for visibility in ("private", "public"):
        carol.put(f"/v1/assistants/{atlas}/sharing", {"visibility": visibility})
    outside = bob.get(LISTING)[0]
    back = [operator.delete(TAKEDOWN)[0] for _ in range(2)]

    assert (outside, back) == (404, [200, 200])
    assert bob.get(LISTING)[0] == 200
    assert carol.get(f"/v1/assistants/{atlas}")[1]["taken_down_at"] is None


def test_a_builder_hides_nothing_from_its_judgement_by_making_it_private(
    bob: Person, carol: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    carol.put(f"/v1/assistants/{atlas}/sharing", {"visibility": "private"})
    [case] = queue(operator)
    close = {"outcome": "taken_down", "words": "It misleads."}

    assert case["listing"]["is_listed"] is False
    assert operator.post(f"/v1/admin/reports/{case['id']}/close", close)[0] == 200
    carol.put(f"/v1/assistants/{atlas}/sharing", {"visibility": "public"})
    assert bob.get(LISTING)[0] == 404


def test_operators_reach_no_assistant_that_never_stood_in_the_store(
    carol: Person, operator: Person
) -> None:
    _, made = carol.post("/v1/assistants", {"name": "Inner"})
    carol.post(f"/v1/assistants/{made['id']}/publish")
    path = f"/v1/admin/listings/{made['id']}/takedown"

    assert code(operator.put(path, {"words": "Because."})) == (404, "listing_not_found")
    assert code(operator.delete(path)) == (404, "listing_not_found")


def test_the_builder_reads_why_is_written_to_and_asks_for_another_look(
    gateway: RunningGateway,
    bob: Person,
    carol: Person,
    operator: Person,
    atlas: str,
    tmp_path: Path,
) -> None:
    path = f"/v1/assistants/{atlas}/takedown"
    before = carol.get(path)[1]["data"]
    too_early = carol.put(f"{path}/answer", {"words": "Why?"})
    bob.post(f"{LISTING}/reports", SAID)
    operator.put(TAKEDOWN, {"words": "It misleads."})
    (letter,) = letters_in(tmp_path / "mail")
    [why] = carol.get(path)[1]["data"]
    carol.put(f"{path}/answer", {"words": "I have corrected the hours."})
    carol.put(f"{path}/answer", {"words": "I have corrected the hours: see version 2."})
    [appeal] = queue(operator)
    _, state = operator.get("/v1/admin/store")
    close = f"/v1/admin/reports/{appeal['id']}/close"

    assert (before, code(too_early)) == ([], (409, "not_taken_down"))
    assert letter["to"] == carol_address(gateway, carol)
    assert f"/studio/{atlas}" in letter.get_content()
    assert (why["words"], why["answer"], why["may_answer"]) == ("It misleads.", "", True)
    assert "Bob" not in str(why) + str(carol.get("/v1/admin/audit"))
    assert bob.get(path)[0] == 404
    assert (appeal["is_appeal"], state["appeals"]) == (True, 1)
    assert appeal["takedown"]["answer"] == "I have corrected the hours: see version 2."
    assert code(operator.post(close, {"outcome": "dismissed"})) == (409, "still_taken_down")

    kept = operator.post(close, {"outcome": "taken_down", "words": "The hours are still wrong."})
    again = carol.put(f"{path}/answer", {"words": "Please."})
    operator.delete(TAKEDOWN)

    assert kept[0] == 200
    assert code(again) == (409, "already_answered")
    assert carol.get(path)[1]["data"] == []
    assert len(letters_in(tmp_path / "mail")) == 1
    assert acts(gateway) == [
        ("report.made", None),
        ("listing.taken_down", "It misleads."),
        ("takedown.answered", None),
        ("takedown.answered", None),
        ("listing.taken_down", "The hours are still wrong."),
        ("listing.let_back", None),
    ]


def carol_address(gateway: RunningGateway, carol: Person) -> str:
    query = "SELECT email FROM members WHERE id = :id"
    [(email,)] = asyncio.run(found(gateway.database_url, query, id=carol.member_id))
    address: str = email
    return address


def test_letting_back_closes_the_appeal(bob: Person, carol: Person, operator: Person) -> None:
    _, made = carol.post("/v1/assistants", {"name": "Atlas"})
    carol.post(f"/v1/assistants/{made['id']}/publish")
    carol.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})
    operator.put(TAKEDOWN, {"words": "It misleads."})
    carol.put(f"/v1/assistants/{made['id']}/takedown/answer", {"words": "Not any more."})
    operator.delete(TAKEDOWN)
    closed = queue(operator, "closed")

    assert queue(operator) == []
    assert [(each["outcome"], each["takedown"]) for each in closed] == [
        ("let_back", None),
        ("taken_down", None),
    ]
    assert bob.get(LISTING)[0] == 200


def test_the_same_takedown_again_is_one_act(
    gateway: RunningGateway, operator: Person, atlas: str
) -> None:
    said = ("It misleads.", "It misleads.", "It misleads everybody.")
    cases = [operator.put(TAKEDOWN, {"words": words}) for words in said]
    reasons = [reason for _, reason in acts(gateway)]

    assert reasons == ["It misleads.", "It misleads everybody."]
    assert [status for status, _ in cases] == [200] * 3
    assert cases[-1][1]["takedown"]["words"] == "It misleads everybody."
    assert len(queue(operator, "closed")) == 1, atlas


def test_the_first_shelf_holds_what_operators_chose_and_only_what_is_public(
    gateway: RunningGateway, bob: Person, carol: Person, operator: Person, atlas: str
) -> None:
    _, made = carol.post("/v1/assistants", {"name": "Bellows"})
    carol.post(f"/v1/assistants/{made['id']}/publish")
    carol.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})
    path = "/v1/admin/catalog/featured"
    for order in (["atlas", "bellows"], ["bellows", "atlas"], ["bellows", "atlas"]):
        status, shelf = operator.put(path, {"slugs": order})
        assert (status, [each["slug"] for each in shelf["data"]]) == (200, order)
    seen = [each["slug"] for each in bob.get("/v1/catalog/featured")[1]["data"]]
    carol.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "private"})

    assert seen == ["bellows", "atlas"]
    assert [each["assistant_id"] for each in bob.get("/v1/catalog/featured")[1]["data"]] == [atlas]
    assert code(operator.put(path, {"slugs": ["nowhere"]})) == (404, "listing_not_found")
    assert operator.put(path, {"slugs": ["atlas", "atlas"]})[0] == 400
    assert operator.put(path, {"slugs": [f"s{n}" for n in range(9)]})[0] == 400
    assert acts(gateway) == [
        ("store.featured", "atlas bellows"),
        ("store.featured", "bellows atlas"),
    ]


def test_reports_are_in_the_export_and_go_with_the_account(
    gateway: RunningGateway, bob: Person, operator: Person, atlas: str
) -> None:
    bob.post(f"{LISTING}/reports", SAID)
    taken_along = gateway.http.post(
        "/v1/me/export", headers=bob.headers(), json={"password": PASSWORD}
    )
    [kept] = json.loads(ZipFile(BytesIO(taken_along.content)).read("reports.json"))
    gone = bob.post("/v1/me/delete", {"password": PASSWORD})
    rows = asyncio.run(found(gateway.database_url, "SELECT count(*) FROM reports"))

    assert (kept["assistant_id"], kept["reason"], kept["words"]) == (atlas, *SAID.values())
    assert (gone[0], rows, queue(operator)) == (200, [(0,)], [])


def test_a_dissolved_workspace_takes_its_cases_along(
    gateway: RunningGateway, bob: Person, operator: Person
) -> None:
    dora = gateway.enrol("Dora")
    _, made = dora.post("/v1/assistants", {"name": "Atlas"})
    dora.post(f"/v1/assistants/{made['id']}/publish")
    dora.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "public"})
    bob.post(f"{LISTING}/reports", SAID)
    operator.put("/v1/admin/catalog/featured", {"slugs": ["atlas"]})
    operator.put(TAKEDOWN, {"words": "It misleads."})
    gone = dora.post("/v1/me/delete", {"password": PASSWORD})
    tables = ("reports", "report_cases", "takedowns", "featured_slots")
    rows = " UNION ALL ".join(f"SELECT count(*) FROM {name}" for name in tables)  # noqa: S608

    assert gone[0] == 200
    assert asyncio.run(found(gateway.database_url, rows)) == [(0,)] * 4
    assert queue(operator) == queue(operator, "closed") == []
