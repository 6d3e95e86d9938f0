"""How long the passages of a collection's files should be."""

import pytest

from tests.support.gateway import Person, RunningGateway
from tests.unit.gateway.working import claim, version_sent


def static(tokens: object, overlap: object = 0) -> dict[str, object]:
    sizes = {"max_chunk_size_tokens": tokens, "chunk_overlap_tokens": overlap}
    return {"type": "static", "static": sizes}


def claimed_size(gateway: RunningGateway, ada: Person, collection_id: str) -> int:
    """What the worker is told about a file that is put in now."""
    _, file = ada.upload("a.txt", b"A walk in the shade.")
    ada.post(f"/v1/vector_stores/{collection_id}/files", {"file_id": file["id"]})
    return claim(gateway, version_sent(gateway)).passage_tokens


def test_a_collection_may_want_passages_of_its_own_size(
    gateway: RunningGateway, ada: Person
) -> None:
    _, made = ada.post("/v1/vector_stores", {"name": "Short", "chunking_strategy": static(120)})

    assert made["chunking_strategy"] == static(120)
    assert claimed_size(gateway, ada, made["id"]) == 120


def test_a_collection_wants_what_the_installation_says_otherwise(
    gateway: RunningGateway, ada: Person
) -> None:
    _, made = ada.post("/v1/vector_stores", {"name": "Usual"})

    assert made["chunking_strategy"] == {"type": "auto"}
    assert claimed_size(gateway, ada, made["id"]) == gateway.settings.knowledge.passage_tokens


def test_a_change_holds_for_what_is_read_afterwards(gateway: RunningGateway, ada: Person) -> None:
    _, made = ada.post("/v1/vector_stores", {"name": "Changing", "chunking_strategy": static(120)})
    path = f"/v1/vector_stores/{made['id']}"
    ada.post(path, {"chunking_strategy": static(300)})
    _, named = ada.post(path, {"name": "Changed"})
    assert named["chunking_strategy"] == static(300)
    assert claimed_size(gateway, ada, made["id"]) == 300

    _, back = ada.post(path, {"chunking_strategy": {"type": "auto"}})
    assert back["chunking_strategy"] == {"type": "auto"}


@pytest.mark.parametrize(
    "strategy",
    [static(99), static(401), static(800, 400), static(200, 50), static("many"), {"type": "own"}],
)
def test_sizes_that_cannot_be_are_refused_by_name(ada: Person, strategy: object) -> None:
    status, error = ada.post("/v1/vector_stores", {"name": "X", "chunking_strategy": strategy})

    assert (status, error["param"].startswith("chunking_strategy")) == (400, True)
