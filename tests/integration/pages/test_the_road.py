"""A web page from its address to a cited passage, through every process there is."""

from typing import Any

import httpx2
import pytest

from tests.support.hostile_web import HostileWeb
from tests.support.waiting import wait_until

LEAVE = "Annual leave is 25 days a year for full-time staff."
PAGE = "<title>Staff rules</title><nav>Menu</nav><main><h1>Leave</h1><p>{text}</p></main>"


@pytest.fixture
def collection_of_ada(ada: httpx2.Client) -> str:
    made: str = ada.post("/v1/vector_stores", json={"name": "Rules"}).json()["id"]
    return made


def final(person: httpx2.Client, collection_id: str, url: str) -> dict[str, Any]:
    """The document of a page, when it is ready or has failed."""
    added = person.post(f"/v1/vector_stores/{collection_id}/urls", json={"url": url})
    assert added.status_code == 202, added.text
    path = f"/v1/vector_stores/{collection_id}/files/{added.json()['id']}"

    def ended() -> dict[str, Any] | None:
        document: dict[str, Any] = person.get(path).json()
        return document if document["status"] != "in_progress" else None

    document = wait_until(ended, seconds=60, what="the page to be read")
    assert document is not None
    return document


def test_a_page_is_read_asked_and_cited(
    ada: httpx2.Client, collection_of_ada: str, web: HostileWeb
) -> None:
    web.redirect("/old", "/rules/leave")
    web.page("/rules/leave", PAGE.format(text=LEAVE))
    document = final(ada, collection_of_ada, web.url("/old"))
    resources = {"file_search": {"vector_store_ids": [collection_of_ada]}}
    assistant = ada.post(
        "/v1/assistants", json={"name": "Rules", "tool_resources": resources}
    ).json()
    ada.post(f"/v1/assistants/{assistant['id']}/publish")
    assert document["last_error"] is None
    question = "How many days of annual leave a year for full-time staff?"
    answer = ada.post(
        "/v1/chat/completions",
        json={"model": assistant["slug"], "messages": [{"role": "user", "content": question}]},
    ).json()
    (annotation,) = answer["choices"][0]["message"]["annotations"]
    citation = annotation["file_citation"]
    passage = ada.get(f"/v1/passages/{citation['passage_id']}").json()

    assert document["status"] == "completed"
    assert document["fetched_url"] == web.url("/rules/leave")
    assert LEAVE in answer["choices"][0]["message"]["content"]
    assert (citation["quote"], citation["filename"]) == (LEAVE, "127.0.0.1 old")
    assert citation["source_url"] == passage["source_url"] == web.url("/rules/leave")
    assert passage["header"] == "Staff rules > Leave"


def test_a_page_is_found_by_its_address(
    ada: httpx2.Client, collection_of_ada: str, web: HostileWeb
) -> None:
    for name in ("leave", "travel"):
        web.page(f"/{name}", PAGE.format(text=LEAVE))
        final(ada, collection_of_ada, web.url(f"/{name}"))
    wanted = {"type": "eq", "key": "source_url", "value": web.url("/travel")}
    found = ada.post(
        f"/v1/vector_stores/{collection_of_ada}/search",
        json={"query": "annual leave", "filters": wanted},
    ).json()["data"]

    assert [each["filename"] for each in found] == ["127.0.0.1 travel"]


def test_read_again_a_page_says_what_it_says_now(
    ada: httpx2.Client, collection_of_ada: str, web: HostileWeb
) -> None:
    texts, versions = [], []
    for days in (25, 30):
        web.page("/leave", PAGE.format(text=f"Annual leave is {days} days a year."))
        document = final(ada, collection_of_ada, web.url("/leave"))
        path = f"/v1/vector_stores/{collection_of_ada}/files/{document['id']}/content"
        texts.append(ada.get(path).json()["data"][0]["text"])
        versions.append(document["document_version"])

    assert versions == [1, 2]
    assert "25 days" in texts[0]
    assert "30 days" in texts[1]


def test_a_page_that_leads_inside_fails_and_can_be_tried_again(
    ada: httpx2.Client, collection_of_ada: str, web: HostileWeb
) -> None:
    web.redirect("/leave", f"http://127.0.0.2:{web.port}/inside")
    document = final(ada, collection_of_ada, web.url("/leave"))
    web.page("/leave", PAGE.format(text=LEAVE))
    path = f"/v1/vector_stores/{collection_of_ada}/files/{document['id']}"
    assert ada.post(f"{path}/retry").status_code == 200
    ready = wait_until(
        lambda: ada.get(path).json()["status"] == "completed", seconds=60, what="the second try"
    )

    assert document["status"] == "failed"
    assert document["last_error"] == {
        "code": "invalid_file",
        "message": "Only public addresses are read.",
    }
    assert (ready, web.forbidden_connections) == (True, 0)


def test_a_deleted_page_is_gone_with_its_bytes(
    ada: httpx2.Client, collection_of_ada: str, web: HostileWeb
) -> None:
    web.page("/leave", PAGE.format(text=LEAVE))
    file_id = final(ada, collection_of_ada, web.url("/leave"))["id"]
    deleted = ada.delete(f"/v1/files/{file_id}")
    again = final(ada, collection_of_ada, web.url("/leave"))

    assert deleted.json()["deleted"] is True
    assert ada.get(f"/v1/files/{file_id}").status_code == 404
    assert again["id"] != file_id
