"""Files and vector stores through the official SDK, as its users call them."""

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.support.gateway import Databases, RunningGateway, running_gateway
from tests.unit.gateway.working import carry, version_sent


@pytest.fixture
def gateway(databases: Databases, tmp_path: Path) -> Iterator[RunningGateway]:
    with running_gateway(databases.fresh(), tmp_path) as running:
        yield running


@pytest.fixture
def sdk(gateway: RunningGateway) -> Iterator[openai.OpenAI]:
    ada = gateway.enrol("Ada")
    key = gateway.with_key(ada, "chat", "ingest", "read", "manage").token
    with openai.OpenAI(base_url=f"{gateway.address}/v1", api_key=key, max_retries=0) as client:
        yield client


def test_the_sdk_uploads_and_builds_a_vector_store(
    gateway: RunningGateway, sdk: openai.OpenAI
) -> None:
    file = sdk.files.create(file=("规则.md", "# 开放时间".encode()), purpose="assistants")
    store = sdk.vector_stores.create(name="Rules")
    placed = sdk.vector_stores.files.create(vector_store_id=store.id, file_id=file.id)
    carry(gateway, version_sent(gateway))
    ready = sdk.vector_stores.files.retrieve(vector_store_id=store.id, file_id=file.id)

    assert (file.filename, file.bytes) == ("规则.md", len("# 开放时间".encode()))
    assert (placed.status, ready.status) == ("in_progress", "completed")
    assert sdk.files.content(file.id).content.decode() == "# 开放时间"
    assert [found.id for found in sdk.vector_stores.files.list(store.id)] == [file.id]
    assert sdk.vector_stores.retrieve(store.id).file_counts.completed == 1
    assert sdk.files.delete(file.id).deleted is True


def test_the_sdk_pages_through_a_list(sdk: openai.OpenAI) -> None:
    made = {sdk.vector_stores.create(name=str(number)).id for number in range(5)}

    assert {store.id for store in sdk.vector_stores.list(limit=2)} == made


def test_the_sdk_raises_its_own_errors(gateway: RunningGateway, sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.files.retrieve("file-none")
    with (
        openai.OpenAI(base_url=f"{gateway.address}/v1", api_key="sk-bad", max_retries=0) as bad,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        bad.files.list()

    assert unknown.value.code == "file_not_found"
    assert refused.value.code == "invalid_api_key"
    assert unknown.value.request_id is not None
