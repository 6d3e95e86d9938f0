"""Out of one installation and into an empty one: the same definition, files and answers.

And within one: what is published answers as it did, whatever becomes of draft and files.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inference.main import build_app as build_inference
from inference.settings import Settings as InferenceSettings
from inference.settings import SimulatorSettings
from retrieval.main import build_app as build_retrieval
from tests.support.bundles import unzipped
from tests.support.document_worker import working
from tests.support.engines import postgres_server
from tests.support.gateway import (
    Databases,
    Person,
    RunningGateway,
    gateway_settings,
    running_gateway,
)
from tests.support.retrieval import retrieval_settings
from tests.support.serving import served
from tests.support.waiting import wait_until

HANDBOOK = """# Staff handbook

Annual leave is 25 days a year for full-time staff.

Travel expenses are repaid within 30 days when receipts are handed in.
"""
ZH = "全职员工每年享有25天年假。\n\n出租车费仅在22:00至6:00之间报销。\n"
QUESTIONS = (
    "How many days of annual leave a year for full-time staff?",
    "When are travel expenses repaid?",
    "出租车费什么时候报销？",
)


@pytest.fixture(scope="module")
def installations(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunningGateway, RunningGateway]]:
    """Two that know nothing of each other: database, blobs and index of their own."""
    with ExitStack() as closing:
        databases = Databases(closing.enter_context(postgres_server()))
        made = [
            _installation(closing, url, tmp_path_factory.mktemp("stoa"))
            for url in (databases.fresh(), _second(databases))
        ]
        yield made[0], made[1]


def _second(databases: Databases) -> str:
    return Databases(databases.postgres, iter((99,))).fresh()


def _installation(closing: ExitStack, database_url: str, folder: Path) -> RunningGateway:
    settings = gateway_settings(database_url, folder, default_model="simulator")
    engines = (SimulatorSettings(kind="simulator", window_tokens=2_048),)
    searching = retrieval_settings(folder).model_copy(update={"shared": settings.shared})
    inference = InferenceSettings(engines=engines, shared=settings.shared)
    search = closing.enter_context(served(build_retrieval(searching)))
    engine = closing.enter_context(served(build_inference(inference)))
    gateway = closing.enter_context(
        running_gateway(
            database_url, folder, retrieval_url=search, inference_url=engine, settings=settings
        )
    )
    closing.enter_context(working(gateway, search, folder))
    return gateway


def done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    assert status in (200, 201), body
    return body


def are_ready(person: Person, collection_id: str, count: int) -> None:
    def ready() -> bool:
        counts = done(person.get(f"/v1/vector_stores/{collection_id}"))["file_counts"]
        return bool(counts["completed"] == counts["total"] == count)

    wait_until(ready, seconds=60, what="documents that are ready")


def put_in(person: Person, collection_id: str, filename: str, text: str) -> str:
    file_id: str = done(person.upload(filename, text.encode()))["id"]
    done(person.post(f"/v1/vector_stores/{collection_id}/files", {"file_id": file_id}))
    return file_id


def knowing(person: Person) -> tuple[str, str, str]:
    """A published assistant that knows two files: its id, its collection, its first file."""
    collection = done(person.post("/v1/vector_stores", {"name": "Rules"}))["id"]
    first = put_in(person, collection, "handbook.md", HANDBOOK)
    put_in(person, collection, "手册.md", ZH)
    are_ready(person, collection, 2)
    fields = {
        "name": "Handbook",
        "description": "Knows the rules. 熟悉规定",
        "instructions": "Answer in one sentence.",
        "starters": ["How many days of leave?"],
        "temperature": 0.0,
        "not_found_words": "That is not in the handbook.",
        "metadata": {"team": "people"},
        "tool_resources": {"file_search": {"vector_store_ids": [collection]}},
    }
    made = done(person.post("/v1/assistants", fields))
    done(person.post(f"/v1/assistants/{made['id']}/publish", {"note": "First."}))
    return made["id"], collection, first


def answers(person: Person, assistant_id: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each question the words, and file and quote of each citation."""
    found = []
    for question in QUESTIONS:
        body = {"model": assistant_id, "messages": [{"role": "user", "content": question}]}
        message = done(person.post("/v1/chat/completions", body))["choices"][0]["message"]
        cited = [each["file_citation"] for each in message.get("annotations") or []]
        found.append((message["content"], [(each["filename"], each["quote"]) for each in cited]))
    return found


def definition_of(person: Person, assistant_id: str) -> dict[str, Any]:
    whole = done(person.get(f"/v1/assistants/{assistant_id}"))
    here = ("id", "slug", "created_at", "tool_resources", "visibility", "published_version")
    return {name: value for name, value in whole.items() if name not in here}


def brought_over(
    source: RunningGateway, owner: Person, assistant_id: str, target: RunningGateway, person: Person
) -> dict[str, Any]:
    path = f"/v1/assistants/{assistant_id}/bundle"
    content = source.http.get(path, headers=owner.headers()).content
    answer = target.http.post(
        "/v1/assistants/import", headers=person.headers(), files={"file": ("a.zip", content)}
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["assistant"]
    return made


def test_what_was_exported_is_the_same_in_an_empty_installation(
    installations: tuple[RunningGateway, RunningGateway],
) -> None:
    here, there = installations
    ada, bob = here.enrol("Ada"), there.enrol("Bob")
    assistant_id, _, _ = knowing(ada)
    made = brought_over(here, ada, assistant_id, there, bob)
    known = made["tool_resources"]["file_search"]["vector_store_ids"]
    are_ready(bob, known[0], 2)
    done(bob.post(f"/v1/assistants/{made['id']}/publish"))
    expected = answers(ada, assistant_id)
    again = there.http.get(f"/v1/assistants/{made['id']}/bundle", headers=bob.headers()).content
    first = here.http.get(f"/v1/assistants/{assistant_id}/bundle", headers=ada.headers()).content

    assert all(cited for _, cited in expected)
    assert answers(bob, made["id"]) == expected
    assert definition_of(bob, made["id"]) == definition_of(ada, assistant_id)
    files = [
        {path: content for path, content in unzipped(each).items() if path.startswith("files/")}
        for each in (first, again)
    ]
    assert files[0] == files[1] != {}


def test_what_is_published_answers_as_it_did_whatever_becomes_of_the_draft(
    installations: tuple[RunningGateway, RunningGateway],
) -> None:
    here, _ = installations
    eve = here.enrol("Eve")
    assistant_id, collection, first = knowing(eve)
    before = answers(eve, assistant_id)
    changes = {
        "name": "Pirate",
        "instructions": "Answer like a pirate.",
        "not_found_words": "Arr.",
        "tools": [],
        "tool_resources": {"file_search": {"vector_store_ids": []}},
    }
    done(eve.patch(f"/v1/assistants/{assistant_id}", changes))
    put_in(eve, collection, "new.md", "Annual leave is 40 days a year for full-time staff.\n")
    done(eve.post(f"/v1/vector_stores/{collection}/files", {"file_id": first}))
    are_ready(eve, collection, 3)
    after = answers(eve, assistant_id)
    done(eve.delete(f"/v1/files/{first}"))
    without = answers(eve, assistant_id)

    assert all(cited for _, cited in before)
    assert after == before
    # A deleted file is the one exception: it is read by nobody any more.
    assert all(name != "handbook.md" for _, cited in without for name, _ in cited)
