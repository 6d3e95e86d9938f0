"""The pages for sharing and for groups, before the real gateway, without any scripting."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.gateway import PASSWORD, Person, RunningGateway
from tests.support.web_pages import web_settings
from tests.support.web_people import Person as Visitor
from tests.support.web_people import browser, words_of
from tests.unit.gateway.working import collection_of
from web.main import build_app


@contextmanager
def visiting(gateway: RunningGateway, person: Person) -> Iterator[Visitor]:
    with browser(build_app(web_settings(gateway.address))) as client:
        visitor = Visitor(client)
        email = person.get("/v1/me")[1]["email"]
        signed_in = visitor.post("/login", {"email": email, "password": PASSWORD, "next": "/"})
        assert signed_in.status_code == 303, signed_in.text
        yield visitor


@pytest.fixture
def atlas(ada: Person) -> tuple[str, str]:
    """An assistant of Ada's and the collection it reads."""
    store = collection_of(ada, "Handbook")
    resources = {"file_search": {"vector_store_ids": [store]}}
    _, made = ada.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources})
    ada.post(f"/v1/assistants/{made['id']}/publish")
    return made["id"], store


def name_of(person: Person) -> str:
    name: str = person.get("/v1/me")[1]["name"]
    return name


def test_a_builder_shares_an_assistant_and_its_files_and_takes_that_back(
    gateway: RunningGateway, ada: Person, bea: Person, atlas: tuple[str, str]
) -> None:
    assistant_id, store = atlas
    here = f"/studio/{assistant_id}/people"
    _, group = ada.post("/v1/groups", {"name": "Readers"})
    with visiting(gateway, ada) as visitor:
        linked = here in visitor.get(f"/studio/{assistant_id}").text
        wanted = {"grantee": bea.member_id, "power": "edit"}
        answers = [
            visitor.post(f"{here}/{assistant_id}/add", wanted),
            visitor.post(f"{here}/{assistant_id}/add", wanted | {"power": "use"}),
            visitor.post(f"{here}/{store}/visibility", {"visibility": "private"}),
            visitor.post(f"{here}/{store}/add", {"grantee": group["id"], "power": "download"}),
        ]
        shown = words_of(visitor.get(here))
        _, granted = ada.get(f"/v1/assistants/{assistant_id}/sharing")
        _, of_store = ada.get(f"/v1/vector_stores/{store}/sharing")
        visitor.post(f"{here}/{assistant_id}/remove", {"grantee": bea.member_id})
        empty = visitor.post(f"{here}/{assistant_id}/add", {"grantee": "", "power": "use"})

    assert linked
    assert {(each.status_code, each.headers["location"]) for each in answers} == {(303, here)}
    assert name_of(bea) in shown
    assert "edit it, ask it" in shown
    assert "Knowledge: Handbook" in shown
    assert [(each["id"], each["powers"]) for each in granted["members"]] == [
        (bea.member_id, ["edit", "use"])
    ]
    assert (of_store["visibility"], of_store["groups"][0]["powers"]) == ("private", ["download"])
    assert ada.get(f"/v1/assistants/{assistant_id}/sharing")[1]["members"] == []
    assert empty.status_code == 400


def test_who_may_not_share_is_told_so(
    gateway: RunningGateway, ada: Person, bea: Person, atlas: tuple[str, str]
) -> None:
    assistant_id, store = atlas
    here = f"/studio/{assistant_id}/people"
    with visiting(gateway, bea) as visitor:
        refused = [
            visitor.get(here),
            visitor.post(f"{here}/{assistant_id}/add", {"grantee": bea.member_id, "power": "edit"}),
            visitor.post(f"{here}/{store}/visibility", {"visibility": "private"}),
        ]

    assert {answer.status_code for answer in refused} == {403}
    assert ada.get(f"/v1/vector_stores/{store}")[1]["visibility"] == "workspace"


def test_what_others_own_is_named_and_not_shared_by_the_builder(
    gateway: RunningGateway, ada: Person, bea: Person
) -> None:
    store = collection_of(ada, "Handbook")
    resources = {"file_search": {"vector_store_ids": [store]}}
    _, hers = bea.post("/v1/assistants", {"name": "Hers", "tool_resources": resources})
    ada.put(f"/v1/vector_stores/{store}/sharing", {"visibility": "private"})
    with visiting(gateway, bea) as visitor:
        bench = visitor.get(f"/studio/{hers['id']}")
        people = visitor.get(f"/studio/{hers['id']}/people")

    assert (bench.status_code, people.status_code) == (200, 200)
    assert "This knowledge belongs to somebody else" in words_of(people)


def test_groups_are_made_filled_and_deleted_on_their_page(
    gateway: RunningGateway, ada: Person, bea: Person
) -> None:
    with visiting(gateway, ada) as visitor:
        linked = "/admin/groups" in visitor.get("/admin/members").text
        made = visitor.post("/admin/groups", {"name": "Readers"})
        again = visitor.post("/admin/groups", {"name": "Readers"})
        (group,) = ada.get("/v1/groups")[1]["data"]
        here = f"/admin/groups/{group['id']}"
        visitor.post(f"{here}/add", {"member": bea.member_id})
        visitor.post(f"{here}/rename", {"name": "Writers"})
        shown = words_of(visitor.get("/admin/groups"))
        inside = ada.get(f"/v1/groups/{group['id']}")[1]
        visitor.post(f"{here}/remove", {"member": bea.member_id})
        visitor.post(f"{here}/delete")

    assert linked
    assert (made.status_code, again.status_code) == (303, 400)
    assert (inside["name"], inside["member_count"]) == ("Writers", 1)
    assert "Writers" in shown
    assert name_of(bea) in shown
    assert ada.get("/v1/groups")[1]["data"] == []


def test_a_guest_finds_what_is_shared_with_them_at_home(
    gateway: RunningGateway, ada: Person, gus: Person, atlas: tuple[str, str]
) -> None:
    path = f"/v1/assistants/{atlas[0]}/sharing"
    with visiting(gateway, gus) as visitor:
        before = words_of(visitor.get("/"))
        granted = [{"id": gus.member_id, "powers": ["use"]}]
        ada.put(path, {"visibility": "private", "members": granted})
        after = words_of(visitor.get("/"))
        chat = visitor.get(f"/chat/new?assistant={atlas[0]}")
        groups = visitor.get("/admin/groups")

    assert ("Atlas" in before, "Atlas" in after) == (False, True)
    assert (chat.status_code, groups.status_code) == (200, 403)


def test_a_builder_is_told_what_the_store_shows_before_choosing_it(
    gateway: RunningGateway, ada: Person, atlas: tuple[str, str]
) -> None:
    here = f"/studio/{atlas[0]}"
    with visiting(gateway, ada) as visitor:
        before = words_of(visitor.get(f"{here}/people"))
        chosen = {"instructions": "copied", "names_documents": "yes"}
        saved = visitor.post(f"{here}/listing", chosen)
        after = visitor.get(saved.headers["location"])
        _, kept = ada.get(f"/v1/assistants/{atlas[0]}/listing")
        visitor.post(f"{here}/listing")
        _, closed = ada.get(f"/v1/assistants/{atlas[0]}/listing")

    assert "Nobody sees it yet." in before
    assert "Saved" in words_of(after)
    names = ("shows_instructions", "names_documents", "may_be_copied")
    assert [kept[name] for name in names] == [True, True, True]
    assert [closed[name] for name in names] == [False, False, False]
