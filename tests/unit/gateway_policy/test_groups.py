"""Groups: kept by those who run a workspace, seen by its members, unknown to everybody else."""

from contracts.accounts import Power
from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway_policy.conftest import Enrol


def group_of(person: Person, name: str = "Readers", *members: Person) -> str:
    ids = [member.member_id for member in members]
    status, group = person.post("/v1/groups", {"name": name, "members": ids})
    assert status == 201, group
    return str(group["id"])


def names_in(person: Person, group_id: str) -> list[str]:
    members = person.get(f"/v1/groups/{group_id}/members")[1]["data"]
    return [plain(each["name"]) for each in members]


def plain(name: str) -> str:
    """A name without the number that makes it unique."""
    return name.rstrip("0123456789")


def test_a_group_is_made_filled_renamed_and_deleted(
    enrol: Enrol, ada: Person, bea: Person, cleo: Person
) -> None:
    admin = enrol("Dan", Power.ADMIN, ada)
    group_id = group_of(admin, " Readers ", bea)
    path = f"/v1/groups/{group_id}"
    filled = ada.put(f"{path}/members/{cleo.member_id}", {})[1]
    emptied = ada.delete(f"{path}/members/{bea.member_id}")[1]
    renamed = ada.patch(path, {"name": "Writers"})[1]

    assert (filled["name"], filled["member_count"], emptied["member_count"]) == ("Readers", 2, 1)
    assert (renamed["name"], names_in(ada, group_id)) == ("Writers", ["Cleo"])
    assert [each["id"] for each in bea.get("/v1/groups")[1]["data"]] == [group_id]
    assert ada.delete(path)[1]["object"] == "group.deleted"
    assert ada.get(path)[1]["code"] == "group_not_found"


def test_only_owners_and_admins_keep_groups(ada: Person, bea: Person, cleo: Person) -> None:
    path = f"/v1/groups/{group_of(ada, 'Readers', bea)}"
    refused = [
        bea.post("/v1/groups", {"name": "Mine"}),
        bea.patch(path, {"name": "Mine"}),
        bea.put(f"{path}/members/{cleo.member_id}", {}),
        bea.delete(f"{path}/members/{bea.member_id}"),
        bea.delete(path),
    ]

    assert {(status, body["code"]) for status, body in refused} == {(403, "not_the_group_keeper")}
    assert bea.get(path)[1]["member_count"] == 1


def test_a_group_of_another_workspace_is_unknown_and_takes_no_strangers(
    gateway: RunningGateway, ada: Person, bea: Person, bob: Person
) -> None:
    root = gateway.enrol(f"Root {ada.member_id}", is_operator=True)
    group_id = group_of(ada, "Readers", bea)
    path = f"/v1/groups/{group_id}"
    for stranger in (bob, root):
        refused = [
            stranger.get(path),
            stranger.get(f"{path}/members"),
            stranger.patch(path, {"name": "Mine"}),
            stranger.put(f"{path}/members/{stranger.member_id}", {}),
            stranger.delete(f"{path}/members/{bea.member_id}"),
            stranger.delete(path),
        ]

        assert {(status, body["code"]) for status, body in refused} == {(404, "group_not_found")}
        assert stranger.get("/v1/groups")[1]["data"] == []
    assert ada.put(f"{path}/members/{bob.member_id}", {})[1]["code"] == "member_not_found"
    foreign = ada.post("/v1/groups", {"name": "Two", "members": [bob.member_id]})
    assert foreign[1]["code"] == "member_not_found"
    assert names_in(ada, group_id) == ["Bea"]


def test_two_groups_of_a_workspace_have_two_names(ada: Person, bob: Person) -> None:
    group_of(ada, "Readers")
    group_of(bob, "Readers")
    second = group_of(ada, "Writers")

    assert ada.post("/v1/groups", {"name": "Readers"})[1]["code"] == "group_name_taken"
    assert ada.patch(f"/v1/groups/{second}", {"name": "Readers"})[0] == 409
    assert ada.patch(f"/v1/groups/{second}", {"name": "Writers"})[0] == 200


def test_members_see_each_other_by_name_and_nothing_more(bea: Person, bob: Person) -> None:
    _, seen = bea.get("/v1/members", order="asc")

    assert [(plain(each["name"]), each["power"]) for each in seen["data"]] == [
        ("Ada", "owner"),
        ("Bea", "member"),
    ]
    assert set(seen["data"][0]) == {"id", "object", "name", "power"}
    assert [plain(each["name"]) for each in bob.get("/v1/members")[1]["data"]] == ["Bob"]


def test_keys_need_the_scopes_for_groups(gateway: RunningGateway, ada: Person) -> None:
    reader = gateway.with_key(ada, "read")

    assert reader.get("/v1/groups")[0] == 200
    assert reader.post("/v1/groups", {"name": "x"})[1]["code"] == "scope_missing"
    assert gateway.with_key(ada, "chat").get("/v1/members")[1]["code"] == "scope_missing"
