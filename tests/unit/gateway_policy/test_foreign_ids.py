"""T03: a foreign id put into anything that takes one is refused as an unknown one would be."""

from collections.abc import Callable
from typing import Any

from tests.support.gateway import Person
from tests.unit.gateway.working import TEXT, collection_of, document_of

Ids = dict[str, str]
Put = Callable[[Person, Ids, Ids], tuple[int, Any]]


def things_of(person: Person) -> Ids:
    """One of each kind, all private to the person where that can be."""
    store = collection_of(person)
    file_id = document_of(person, store)
    resources = {"file_search": {"vector_store_ids": [store]}}
    _, made = person.post("/v1/assistants", {"name": "Atlas", "tool_resources": resources})
    person.post(f"/v1/assistants/{made['id']}/publish")
    _, group = person.post("/v1/groups", {"name": "Readers"})
    _, key = person.post("/v1/keys", {"name": "mine"})
    person.put(f"/v1/vector_stores/{store}/sharing", {"visibility": "private"})
    person.put(f"/v1/assistants/{made['id']}/sharing", {"visibility": "private"})
    _, talk = person.post("/v1/conversations", {"assistant_id": made["id"]})
    return {
        "store": store,
        "file": file_id,
        "assistant": made["id"],
        "slug": made["slug"],
        "group": group.get("id", ""),
        "member": person.member_id,
        "key": key["id"],
        "conversation": talk["id"],
    }


def reading(*stores: str) -> dict[str, Any]:
    return {"file_search": {"vector_store_ids": list(stores)}}


def granting(name: str, grantee: str) -> dict[str, Any]:
    return {"visibility": "private", name: [{"id": grantee, "powers": ["use"]}]}


WAYS: dict[str, Put] = {
    "a store in a new assistant": lambda me, _, theirs: me.post(
        "/v1/assistants", {"name": "x", "tool_resources": reading(theirs["store"])}
    ),
    "a store in an assistant": lambda me, mine, theirs: me.patch(
        f"/v1/assistants/{mine['assistant']}",
        {"tool_resources": reading(mine["store"], theirs["store"])},
    ),
    "a store in an assistant without the tool": lambda me, mine, theirs: me.patch(
        f"/v1/assistants/{mine['assistant']}",
        {"tools": [], "tool_resources": reading(theirs["store"])},
    ),
    "a file in a new store": lambda me, _, theirs: me.post(
        "/v1/vector_stores", {"name": "x", "file_ids": [theirs["file"]]}
    ),
    "a file in a store": lambda me, mine, theirs: me.post(
        f"/v1/vector_stores/{mine['store']}/files", {"file_id": theirs["file"]}
    ),
    "a file in a batch": lambda me, mine, theirs: me.post(
        f"/v1/vector_stores/{mine['store']}/file_batches",
        {"file_ids": [mine["file"], theirs["file"]]},
    ),
    "one's own file in their store": lambda me, mine, theirs: me.post(
        f"/v1/vector_stores/{theirs['store']}/files", {"file_id": mine["file"]}
    ),
    "one's own file in a batch of theirs": lambda me, mine, theirs: me.post(
        f"/v1/vector_stores/{theirs['store']}/file_batches", {"file_ids": [mine["file"]]}
    ),
    "their file by one's own store": lambda me, mine, theirs: me.get(
        f"/v1/vector_stores/{mine['store']}/files/{theirs['file']}"
    ),
    "their file by one's own assistant": lambda me, mine, theirs: me.get(
        f"/a/{mine['assistant']}/v1/files/{theirs['file']}"
    ),
    "their file's text by one's own store": lambda me, mine, theirs: me.get(
        f"/v1/vector_stores/{mine['store']}/files/{theirs['file']}/content"
    ),
    "their file, deleted by one's own store": lambda me, mine, theirs: me.delete(
        f"/v1/vector_stores/{mine['store']}/files/{theirs['file']}"
    ),
    "an assistant in a key": lambda me, _, theirs: me.post(
        "/v1/keys", {"name": "x", "scopes": ["chat"], "assistant_id": theirs["assistant"]}
    ),
    "an assistant in a conversation": lambda me, _, theirs: me.post(
        "/v1/conversations", {"assistant_id": theirs["assistant"]}
    ),
    "an assistant at its own address": lambda me, _, theirs: me.post(
        f"/a/{theirs['slug']}/v1/chat/completions",
        {"messages": [{"role": "user", "content": "Hi"}]},
    ),
    "a member in one's sharing": lambda me, mine, theirs: me.put(
        f"/v1/assistants/{mine['assistant']}/sharing", granting("members", theirs["member"])
    ),
    "a group in one's sharing": lambda me, mine, theirs: me.put(
        f"/v1/vector_stores/{mine['store']}/sharing", granting("groups", theirs["group"])
    ),
    "a member given one's assistant": lambda me, mine, theirs: me.post(
        f"/v1/assistants/{mine['assistant']}/sharing/{theirs['member']}", {"powers": ["use"]}
    ),
    "a group given one's store": lambda me, mine, theirs: me.post(
        f"/v1/vector_stores/{mine['store']}/sharing/{theirs['group']}", {"powers": ["use"]}
    ),
    "a member in one's group": lambda me, mine, theirs: me.put(
        f"/v1/groups/{mine['group']}/members/{theirs['member']}", {}
    ),
    "a turn in a conversation": lambda me, _, theirs: me.post(
        f"/v1/conversations/{theirs['conversation']}/turns", {"text": "Hi"}
    ),
    "a key to revoke": lambda me, _, theirs: me.delete(f"/v1/keys/{theirs['key']}"),
    "keys of an assistant": lambda me, _, theirs: me.get(
        "/v1/keys", assistant_id=theirs["assistant"]
    ),
}
OF_COLLEAGUES = (
    "a member in one's sharing",
    "a group in one's sharing",
    "a member given one's assistant",
    "a group given one's store",
)
UNKNOWN = {
    "store": "vs_0000000000000000000000000",
    "file": "file-0000000000000000000000000",
    "assistant": "ast_0000000000000000000000000",
    "slug": "no-such-slug",
    "group": "grp_0000000000000000000000000",
    "member": "mem_0000000000000000000000000",
    "key": "key_0000000000000000000000000",
    "conversation": "conv_0000000000000000000000000",
}


def test_a_foreign_id_is_refused_in_the_words_of_an_unknown_one(
    ada: Person, bob: Person, cleo: Person
) -> None:
    mine, theirs = things_of(bob), things_of(ada)
    of_cleo = things_of(cleo) | {"group": theirs["group"]}  # a member makes no groups
    # From another workspace; and from the same one, where ada's are private.
    for me, own, foreign in ((bob, mine, theirs), (cleo, of_cleo, theirs)):
        for what, put in WAYS.items():
            status, problem = put(me, own, foreign)
            unknown = put(me, own, UNKNOWN)
            if me is cleo and what in OF_COLLEAGUES:
                assert status == 200, what  # of one's own workspace they are no strangers
                continue
            if me is cleo and what == "a member in one's group":
                assert (status, problem["code"]) == (403, "not_the_group_keeper")
                continue

            assert status == 404, (what, problem)
            assert _same(problem, unknown[1], foreign), what
            assert TEXT not in str(problem)


def test_nothing_of_theirs_came_along(ada: Person, bob: Person) -> None:
    mine, theirs = things_of(bob), things_of(ada)
    for put in WAYS.values():
        put(bob, mine, theirs)
    seen = [
        bob.get(f"/v1/vector_stores/{mine['store']}/files"),
        bob.get(f"/v1/assistants/{mine['assistant']}"),
        bob.get("/v1/files"),
        bob.get("/v1/vector_stores"),
        bob.get("/v1/keys"),
        bob.get(f"/v1/assistants/{mine['assistant']}/sharing"),
        bob.get(f"/v1/groups/{mine['group']}/members"),
    ]

    assert {status for status, _ in seen} == {200}
    assert not [
        name
        for name, value in theirs.items()
        if name not in ("slug", "group") and value in str(seen)
    ]
    assert ada.get(f"/v1/vector_stores/{theirs['store']}/files/{theirs['file']}")[0] == 200
    assert len(ada.get("/v1/keys")[1]["data"]) == 1


def _same(problem: Any, unknown: Any, foreign: Ids) -> bool:
    """Whether two refusals differ in the id alone that the caller had sent."""

    def plain(words: str) -> str:
        for name in foreign:
            words = words.replace(foreign[name], name).replace(UNKNOWN[name], name)
        return words

    return {key: plain(str(value)) for key, value in problem.items()} == {
        key: plain(str(value)) for key, value in unknown.items()
    }
