"""Search of a vector store by the official SDK: what is found, filtered, and never found."""

import itertools
from typing import Any

import openai
import pytest

from tests.integration.sdk.places import Place, newcomer
from tests.support.gateway import Person

DOCUMENTS: dict[str, tuple[str, dict[str, str | float | bool]]] = {
    "harbour": ("The harbour opens at six.", {"town": "Quay", "year": 2024, "public": True}),
    "pilots": ("A pilot guides ships into the harbour.", {"town": "Quay", "year": 2025.5}),
    "bakery": ("The bakery opens at five.", {"town": "Hill", "year": 2026, "public": False}),
    "secret": ("The vault opens at midnight.", {}),
}


@pytest.fixture(scope="module")
def store(place: Place, ada: Person) -> str:
    """Four documents of one sentence each."""
    with openai.OpenAI(base_url=place.address, api_key=ada.token) as sdk:
        made = sdk.vector_stores.create(name="Town").id
        for name, (text, attributes) in DOCUMENTS.items():
            sdk.vector_stores.files.upload_and_poll(
                vector_store_id=made,
                file=(f"{name}.md", text.encode()),
                attributes=attributes,
                poll_interval_ms=20,
            )
        return made


def names(page: Any) -> list[str]:
    return [found.filename.removesuffix(".md") for found in page]


def test_the_nearest_passage_comes_first(sdk: openai.OpenAI, store: str) -> None:
    page = sdk.vector_stores.search(store, query="When does the bakery open?")
    best = page.data[0]
    scores = [found.score for found in page.data]

    assert page.object == "vector_store.search_results.page"
    assert (best.filename, best.content[0].text) == ("bakery.md", DOCUMENTS["bakery"][0])
    assert best.attributes == DOCUMENTS["bakery"][1]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert sdk.files.retrieve(best.file_id).filename == "bakery.md"


def test_a_result_tells_where_in_the_document_it_is(sdk: openai.OpenAI, store: str) -> None:
    best = sdk.vector_stores.search(store, query="pilot ships").data[0].model_dump()
    text = sdk.vector_stores.files.content(best["file_id"], vector_store_id=store).data[0].text

    assert best["passage_id"].startswith("psg_")
    assert (text or "")[best["start"] : best["end"]] == best["content"][0]["text"]


def test_several_questions_are_asked_at_once(sdk: openai.OpenAI, store: str) -> None:
    page = sdk.vector_stores.search(
        store, query=["pilot ships", "vault midnight"], max_num_results=2, rewrite_query=True
    )

    assert set(names(page)) == {"pilots", "secret"}
    assert page.model_dump()["search_query"] == ["pilot ships", "vault midnight"]


def test_no_more_is_found_than_was_asked_for(sdk: openai.OpenAI, store: str) -> None:
    assert len(sdk.vector_stores.search(store, query="opens", max_num_results=2).data) == 2


def test_a_threshold_leaves_out_what_is_less_alike(sdk: openai.OpenAI, store: str) -> None:
    scores = [found.score for found in sdk.vector_stores.search(store, query="harbour opens")]
    above = sdk.vector_stores.search(
        store, query="harbour opens", ranking_options={"score_threshold": scores[1]}
    )

    assert [found.score for found in above] == scores[:2]


def compared(kind: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "value": value}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (compared("eq", "town", "Quay"), {"harbour", "pilots"}),
        (compared("eq", "year", 2024), {"harbour"}),
        (compared("eq", "public", True), {"harbour"}),
        (compared("eq", "public", 1), set()),
        (compared("ne", "town", "Quay"), {"bakery", "secret"}),
        (compared("gt", "year", 2024), {"pilots", "bakery"}),
        (compared("gte", "year", 2025.5), {"pilots", "bakery"}),
        (compared("lt", "year", 2025.5), {"harbour"}),
        (compared("lte", "year", 2025.5), {"harbour", "pilots"}),
        (compared("gt", "year", "2000"), set()),
        (compared("gt", "town", "K"), {"harbour", "pilots"}),
        (compared("in", "year", [2024, 2026]), {"harbour", "bakery"}),
        (compared("nin", "town", ["Quay", "Moor"]), {"bakery", "secret"}),
        (compared("eq", "town' OR 1=1 --", "x"), set()),
        (
            {"type": "and", "filters": [compared("eq", "town", "Quay"), compared("gt", "year", 1)]},
            {"harbour", "pilots"},
        ),
        (
            {
                "type": "or",
                "filters": [
                    compared("eq", "town", "Hill"),
                    {
                        "type": "and",
                        "filters": [
                            compared("eq", "town", "Quay"),
                            compared("eq", "public", True),
                        ],
                    },
                ],
            },
            {"bakery", "harbour"},
        ),
    ],
)
def test_filters_choose_among_documents(
    sdk: openai.OpenAI, store: str, filters: Any, expected: set[str]
) -> None:
    assert set(names(sdk.vector_stores.search(store, query="opens", filters=filters))) == expected


def test_a_changed_attribute_counts_at_once(sdk: openai.OpenAI, store: str) -> None:
    wanted: Any = compared("eq", "town", "Moor")
    before = names(sdk.vector_stores.search(store, query="opens", filters=wanted))
    (vault,) = [
        each.id
        for each in sdk.vector_stores.files.list(store)
        if sdk.files.retrieve(each.id).filename == "secret.md"
    ]
    sdk.vector_stores.files.update(vault, vector_store_id=store, attributes={"town": "Moor"})
    after = names(sdk.vector_stores.search(store, query="opens", filters=wanted))
    sdk.vector_stores.files.update(vault, vector_store_id=store, attributes=None)

    assert (before, after) == ([], ["secret"])


def test_a_narrow_filter_finds_what_lies_behind_many_better_hits(sdk: openai.OpenAI) -> None:
    store = sdk.vector_stores.create(name="Crowded").id
    texts = [f"Tides rise and tides fall {number}." for number in range(130)]
    sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store,
        file=("tides.md", "\n\n".join(texts).encode()),
        poll_interval_ms=20,
    )
    sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store,
        file=("moor.md", b"Heather on the moor."),
        attributes={"kind": "plant"},
        poll_interval_ms=20,
    )
    wanted: Any = compared("eq", "kind", "plant")
    page = sdk.vector_stores.search(store, query="tides rise and tides fall", filters=wanted)

    assert names(page) == ["moor"]


def nested(depth: int) -> dict[str, Any]:
    leaf = compared("eq", "a", 1)
    for _ in range(depth):
        leaf = {"type": "and", "filters": [leaf]}
    return leaf


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": ""},
        {"query": []},
        {"query": "x", "max_num_results": 51},
        {"query": "x", "max_num_results": 0},
        {"query": "x", "filters": compared("like", "a", "b")},
        {"query": "x", "filters": {"type": "and", "filters": []}},
        {"query": "x", "filters": nested(9)},
        {"query": "x", "filters": nested(200)},
        {
            "query": "x",
            "filters": {"type": "or", "filters": [nested(1)] * 50 + [nested(1)]},
        },
        {"query": "x", "ranking_options": {"score_threshold": 2}},
    ],
)
def test_a_search_out_of_bounds_is_refused(
    sdk: openai.OpenAI, store: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(openai.BadRequestError):
        sdk.vector_stores.search(store, **wrong)


def test_a_deleted_document_is_not_found_again(sdk: openai.OpenAI) -> None:
    store = sdk.vector_stores.create(name="Short-lived").id
    document = sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store, file=("gone.md", b"The gate opens."), poll_interval_ms=20
    )
    before = names(sdk.vector_stores.search(store, query="gate"))
    sdk.vector_stores.files.delete(document.id, vector_store_id=store)

    assert (before, names(sdk.vector_stores.search(store, query="gate"))) == (["gone"], [])


def test_another_workspace_finds_nothing(place: Place, store: str) -> None:
    bob = newcomer(place.gateway, "read")
    with (
        openai.OpenAI(base_url=place.address, api_key=bob.token) as sdk,
        pytest.raises(openai.NotFoundError) as unknown,
    ):
        sdk.vector_stores.search(store, query="opens")

    assert unknown.value.code == "vector_store_not_found"


def test_a_search_needs_leave_to_read(place: Place, store: str) -> None:
    key = newcomer(place.gateway, "chat").token
    with (
        openai.OpenAI(base_url=place.address, api_key=key) as sdk,
        pytest.raises(openai.PermissionDeniedError),
    ):
        sdk.vector_stores.search(store, query="opens")


def test_passages_are_found_in_the_order_of_their_score(sdk: openai.OpenAI, store: str) -> None:
    page = sdk.vector_stores.search(store, query=["harbour opens six", "bakery opens five"])

    assert all(a.score >= b.score for a, b in itertools.pairwise(page.data))
