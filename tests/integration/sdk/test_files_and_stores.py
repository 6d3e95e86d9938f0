"""Files and vector stores by the official SDK."""

import io
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.integration.sdk.places import Place

TEXT = b"# Harbour\n\nThe harbour opens at six."
POLL = 20


@pytest.fixture
def store(sdk: openai.OpenAI) -> Iterator[str]:
    made = sdk.vector_stores.create(name="Harbour").id
    yield made
    sdk.vector_stores.delete(made)


@pytest.fixture
def file(sdk: openai.OpenAI) -> str:
    return sdk.files.create(file=("harbour.md", TEXT), purpose="assistants").id


@pytest.fixture
def idle_worker(place: Place) -> Iterator[None]:
    """Nothing is read while the test runs."""
    place.worker.paused.set()
    yield
    place.worker.paused.clear()


def test_a_file_comes_back_as_it_went(sdk: openai.OpenAI) -> None:
    made = sdk.files.create(file=("规则.md", TEXT), purpose="user_data")
    found = sdk.files.retrieve(made.id)

    assert (found.filename, found.bytes, found.purpose) == ("规则.md", len(TEXT), "user_data")
    assert sdk.files.content(made.id).read() == TEXT


def test_a_large_file_is_streamed_up_and_down(sdk: openai.OpenAI, tmp_path: Path) -> None:
    size = 24 << 20
    large, copy = tmp_path / "large.txt", tmp_path / "copy.txt"
    large.write_bytes(b"0123456789abcde\n" * (size // 16))
    with large.open("rb") as content:
        made = sdk.files.create(file=content, purpose="assistants")
    with sdk.files.with_streaming_response.content(made.id) as response:
        response.stream_to_file(copy)
    sdk.files.delete(made.id)

    assert made.bytes == size
    assert copy.read_bytes() == large.read_bytes()


def test_files_are_listed_page_after_page(sdk: openai.OpenAI) -> None:
    made = [
        sdk.files.create(file=(f"{number}.txt", b"x"), purpose="user_data").id
        for number in range(5)
    ]
    listed = [each.id for each in sdk.files.list(limit=2, purpose="user_data")]
    longest = sdk.files.list(limit=10_000)

    assert [each for each in listed if each in made] == made[::-1]
    assert set(made) <= {each.id for each in longest.data}
    assert set(made).isdisjoint(each.id for each in sdk.files.list(purpose="assistants"))


def test_a_file_is_processed_at_once(sdk: openai.OpenAI, file: str) -> None:
    assert sdk.files.wait_for_processing(file, max_wait_seconds=5).status == "processed"


def test_a_deleted_file_is_gone(sdk: openai.OpenAI, file: str) -> None:
    deleted = sdk.files.delete(file)
    with pytest.raises(openai.NotFoundError):
        sdk.files.retrieve(file)

    assert (deleted.id, deleted.deleted, deleted.object) == (file, True, "file")


def test_files_that_expire_are_not_offered(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.files.create(
            file=("a.txt", b"x"),
            purpose="assistants",
            expires_after={"anchor": "created_at", "seconds": 3_600},
        )

    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", "expires_after")


def test_a_store_begins_with_files(sdk: openai.OpenAI, file: str) -> None:
    made = sdk.vector_stores.create(name="Begun", file_ids=[file], metadata={"team": "pilots"})
    done = sdk.vector_stores.files.poll(file, vector_store_id=made.id, poll_interval_ms=POLL)
    found = sdk.vector_stores.retrieve(made.id)

    assert (made.status, found.status, done.status) == ("in_progress", "completed", "completed")
    assert found.file_counts.model_dump() == {
        "cancelled": 0,
        "completed": 1,
        "failed": 0,
        "in_progress": 0,
        "total": 1,
    }
    assert (found.metadata, found.usage_bytes) == ({"team": "pilots"}, len(TEXT))


def test_a_store_is_renamed_and_deleted(sdk: openai.OpenAI) -> None:
    made = sdk.vector_stores.create(name="Old")
    renamed = sdk.vector_stores.update(made.id, name="New", metadata={"a": "b"})
    deleted = sdk.vector_stores.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        sdk.vector_stores.retrieve(made.id)

    assert (renamed.name, renamed.metadata) == ("New", {"a": "b"})
    assert (deleted.deleted, deleted.object) == (True, "vector_store.deleted")


def test_stores_are_listed_page_after_page(sdk: openai.OpenAI) -> None:
    made = [sdk.vector_stores.create(name=str(number)).id for number in range(5)]
    listed = [each.id for each in sdk.vector_stores.list(limit=2, order="asc")]

    assert [each for each in listed if each in made] == made


def test_a_file_is_put_in_and_waited_for(sdk: openai.OpenAI, store: str, file: str) -> None:
    done = sdk.vector_stores.files.create_and_poll(
        file, vector_store_id=store, poll_interval_ms=POLL, chunking_strategy={"type": "auto"}
    )

    assert (done.status, done.last_error) == ("completed", None)
    assert done.chunking_strategy is not None
    assert done.chunking_strategy.type == "other"


def test_a_file_is_uploaded_and_waited_for(sdk: openai.OpenAI, store: str) -> None:
    done = sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store,
        file=("harbour.md", io.BytesIO(TEXT)),
        attributes={"year": 2026, "public": True, "team": "pilots"},
        poll_interval_ms=POLL,
    )
    texts = list(sdk.vector_stores.files.content(done.id, vector_store_id=store))

    assert done.attributes == {"year": 2026, "public": True, "team": "pilots"}
    assert "The harbour opens at six." in "".join(text.text or "" for text in texts)


def test_a_file_that_cannot_be_read_says_why(sdk: openai.OpenAI, store: str) -> None:
    failed = sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store, file=("broken.pdf", b"not a PDF"), poll_interval_ms=POLL
    )
    of_status = {
        status: [each.id for each in sdk.vector_stores.files.list(store, filter=status)]
        for status in ("completed", "failed", "in_progress", "cancelled")
    }

    assert failed.status == "failed"
    assert failed.last_error is not None
    assert failed.last_error.code in ("invalid_file", "unsupported_file")
    assert of_status == {"completed": [], "failed": [failed.id], "in_progress": [], "cancelled": []}


def test_attributes_are_changed_and_taken_away(sdk: openai.OpenAI, store: str, file: str) -> None:
    sdk.vector_stores.files.create(store, file_id=file, attributes={"year": 2025})
    changed = sdk.vector_stores.files.update(
        file, vector_store_id=store, attributes={"year": 2026, "draft": False}
    )
    emptied = sdk.vector_stores.files.update(file, vector_store_id=store, attributes=None)

    assert changed.attributes == {"year": 2026, "draft": False}
    assert emptied.attributes == {}


@pytest.mark.parametrize(
    "attributes", [{"x" * 65: "a"}, {"a": "x" * 513}, {str(number): 1 for number in range(17)}]
)
def test_attributes_have_bounds(
    sdk: openai.OpenAI, store: str, file: str, attributes: dict[str, str | float | bool]
) -> None:
    with pytest.raises(openai.BadRequestError):
        sdk.vector_stores.files.create(store, file_id=file, attributes=attributes)


def test_a_file_taken_out_stays_a_file(sdk: openai.OpenAI, store: str, file: str) -> None:
    sdk.vector_stores.files.create_and_poll(file, vector_store_id=store, poll_interval_ms=POLL)
    removed = sdk.vector_stores.files.delete(file, vector_store_id=store)

    assert (removed.deleted, removed.object) == (True, "vector_store.file.deleted")
    assert [each.id for each in sdk.vector_stores.files.list(store)] == []
    assert sdk.files.retrieve(file).id == file


def test_a_batch_is_put_in_and_waited_for(sdk: openai.OpenAI, store: str, file: str) -> None:
    broken = sdk.files.create(file=("broken.pdf", b"no"), purpose="assistants").id
    batch = sdk.vector_stores.file_batches.create_and_poll(
        store,
        files=[{"file_id": file, "attributes": {"a": 1}}, {"file_id": broken}],
        poll_interval_ms=POLL,
    )
    listed = {
        each.id: (each.status, each.attributes)
        for each in sdk.vector_stores.file_batches.list_files(
            batch.id, vector_store_id=store, limit=1
        )
    }

    assert (batch.status, batch.object) == ("completed", "vector_store.files_batch")
    assert (batch.file_counts.completed, batch.file_counts.failed) == (1, 1)
    assert listed == {file: ("completed", {"a": 1}), broken: ("failed", {})}


def test_a_batch_is_uploaded_and_waited_for(sdk: openai.OpenAI, store: str, file: str) -> None:
    batch = sdk.vector_stores.file_batches.upload_and_poll(
        store,
        files=[("one.md", TEXT), ("two.md", TEXT)],
        file_ids=[file],
        poll_interval_ms=POLL,
    )

    assert (batch.status, batch.file_counts.completed, batch.file_counts.total) == (
        "completed",
        3,
        3,
    )


@pytest.mark.usefixtures("idle_worker")
def test_a_cancelled_batch_takes_out_what_is_not_read(
    sdk: openai.OpenAI, store: str, file: str
) -> None:
    batch = sdk.vector_stores.file_batches.create(store, file_ids=[file])
    cancelled = sdk.vector_stores.file_batches.cancel(batch.id, vector_store_id=store)
    found = sdk.vector_stores.file_batches.retrieve(batch.id, vector_store_id=store)

    assert (batch.status, batch.file_counts.in_progress) == ("in_progress", 1)
    assert (cancelled.status, cancelled.file_counts.cancelled) == ("cancelled", 1)
    assert found.status == "cancelled"
    assert list(sdk.vector_stores.files.list(store)) == []


def test_a_batch_belongs_to_its_store(sdk: openai.OpenAI, store: str, file: str) -> None:
    other = sdk.vector_stores.create(name="Other").id
    batch = sdk.vector_stores.file_batches.create(store, file_ids=[file])
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.vector_stores.file_batches.retrieve(batch.id, vector_store_id=other)

    assert unknown.value.code == "file_batch_not_found"


def test_a_batch_with_an_unknown_file_puts_nothing_in(
    sdk: openai.OpenAI, store: str, file: str
) -> None:
    with pytest.raises(openai.NotFoundError):
        sdk.vector_stores.file_batches.create(store, file_ids=[file, "file-none"])

    assert list(sdk.vector_stores.files.list(store)) == []


async def test_the_asynchronous_sdk_does_the_same(async_sdk: openai.AsyncOpenAI) -> None:
    store = await async_sdk.vector_stores.create(name="Asynchronous")
    batch = await async_sdk.vector_stores.file_batches.upload_and_poll(
        store.id, files=[("one.md", TEXT), ("two.md", TEXT)], poll_interval_ms=POLL
    )
    document = await async_sdk.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("three.md", TEXT), poll_interval_ms=POLL
    )
    listed = [each.id async for each in async_sdk.vector_stores.files.list(store.id, limit=2)]
    content = await async_sdk.files.content(document.id)
    deleted = await async_sdk.vector_stores.delete(store.id)

    assert (batch.file_counts.completed, document.status) == (2, "completed")
    assert (len(listed), content.read(), deleted.deleted) == (3, TEXT, True)
