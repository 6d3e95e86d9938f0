"""T12: what is shared, taken back or removed is so from the next request on, while things run."""

import httpx2

from tests.integration.gateway_chat.places import Place
from tests.integration.gateway_policy.conftest import (
    Heard,
    asked,
    assistant_on,
    share,
    shelf_of,
    to,
)

LEAVE = "Annual leave is 25 days a year for full-time staff."
QUESTION = "How many days of annual leave a year?"


def test_a_published_version_reads_with_its_owners_rights_as_they_are_now(
    place: Place, ada: httpx2.Client, bea: httpx2.Client, heard: Heard
) -> None:
    shelf = shelf_of(place, ada, LEAVE)
    store = f"vector_stores/{shelf.collection_id}"
    share(ada, store, "private", members=to(bea, "use"))
    hers = assistant_on(bea, shelf)
    # Bea may not read a word of it, and her assistant's answer quotes it.
    hidden = bea.get(f"/v1/{store}/files").status_code
    before = asked(bea, hers, QUESTION)
    share(ada, store, "private", members=[])
    said = len(heard)
    after = asked(bea, hers, QUESTION)

    assert (hidden, before[1]) == (403, "passages")
    assert "25 days" in before[0]
    assert after[1] == "none"
    assert "25 days" not in after[0] + heard.since(said)
    share(ada, store, "private", members=to(bea, "use"))
    assert asked(bea, hers, QUESTION)[1] == "passages"


def test_a_collection_made_private_is_read_by_no_assistant_of_others(
    place: Place, ada: httpx2.Client, bea: httpx2.Client
) -> None:
    shelf = shelf_of(place, ada, LEAVE)
    hers, mine = assistant_on(bea, shelf), assistant_on(ada, shelf)
    before = asked(bea, hers, QUESTION)[1], asked(bea, mine, QUESTION)[1]
    share(ada, f"vector_stores/{shelf.collection_id}", "private")
    after = asked(bea, hers, QUESTION)[1], asked(bea, mine, QUESTION)[1]

    # Ada's own goes on reading it, for whoever may ask it: that is what `use` is apart for.
    assert (before, after) == (("passages", "passages"), ("none", "passages"))


def test_search_follows_sharing_at_once(
    place: Place, ada: httpx2.Client, bea: httpx2.Client
) -> None:
    shelf = shelf_of(place, ada, LEAVE)
    path = f"/v1/vector_stores/{shelf.collection_id}"

    def found() -> tuple[int, int]:
        answer = bea.post(f"{path}/search", json={"query": QUESTION})
        return answer.status_code, len(answer.json().get("data", []))

    seen = [found()]
    for visibility, powers in (("private", ()), ("private", ("download",)), ("private", ("use",))):
        grants = to(bea, *powers) if powers else []
        share(ada, f"vector_stores/{shelf.collection_id}", visibility, members=grants)
        seen.append(found())
    share(ada, f"vector_stores/{shelf.collection_id}", "workspace")
    file_id = ada.get(f"{path}/files").json()["data"][0]["id"]
    seen.append(found())
    ada.delete(f"{path}/files/{file_id}")
    seen.append(found())

    assert seen == [(200, 1), (404, 0), (200, 1), (403, 0), (200, 1), (200, 0)]


def test_an_open_conversation_ends_with_the_grant(
    place: Place, ada: httpx2.Client, bea: httpx2.Client
) -> None:
    mine = assistant_on(ada, shelf_of(place, ada, LEAVE))
    share(ada, f"assistants/{mine}", "private", members=to(bea, "use"))
    conversation = bea.post("/v1/conversations", json={"assistant_id": mine}).json()["id"]
    share(ada, f"assistants/{mine}", "private", members=[])
    turn = bea.post(f"/v1/conversations/{conversation}/turns", json={"text": QUESTION})

    assert (turn.status_code, turn.json()["error"]["code"]) == (404, "assistant_not_found")
    assert asked_status(bea, mine) == 404


def quotes_behind(reader: httpx2.Client, token: str) -> list[str | None]:
    """What a share link quotes under its one answer."""
    told = reader.get(f"/v1/shared/{token}").json()["messages"]["data"]
    return [cited["quote"] for cited in told[1]["citations"]]


def link_of(person: httpx2.Client, assistant_id: str) -> str:
    """A link to one answer of an assistant; its token."""
    made = person.post("/v1/conversations", json={"assistant_id": assistant_id}).json()["id"]
    turn = person.post(f"/v1/conversations/{made}/turns", json={"text": QUESTION}).json()
    person.get(f"/v1/turns/{turn['id']}/events")
    token: str = person.post(f"/v1/conversations/{made}/shares").json()["token"]
    return token


def test_a_share_link_quotes_no_knowledge_that_its_assistant_lost(
    place: Place, ada: httpx2.Client, bea: httpx2.Client, bob: httpx2.Client
) -> None:
    shelf = shelf_of(place, ada, LEAVE)
    token = link_of(bea, assistant_on(bea, shelf))
    seen = [quotes_behind(bob, token)]
    for visibility in ("private", "workspace"):
        share(ada, f"vector_stores/{shelf.collection_id}", visibility)
        seen.append(quotes_behind(bob, token))

    assert seen == [[LEAVE], [None], [LEAVE]]


def test_a_share_link_quotes_nothing_when_its_maker_lost_the_assistant(
    place: Place, ada: httpx2.Client, bea: httpx2.Client, bob: httpx2.Client
) -> None:
    mine = assistant_on(ada, shelf_of(place, ada, LEAVE))
    share(ada, f"assistants/{mine}", "private", members=to(bea, "use"))
    token = link_of(bea, mine)
    before = quotes_behind(bob, token)
    share(ada, f"assistants/{mine}", "private", members=[])

    assert (before, quotes_behind(bob, token)) == ([LEAVE], [None])


def asked_status(person: httpx2.Client, assistant_id: str) -> int:
    body = {"model": assistant_id, "messages": [{"role": "user", "content": "Hi"}]}
    return person.post("/v1/chat/completions", json=body).status_code
