"""A Qdrant server that is not there is a fact, not a crash."""

import pytest

from contracts.passages import EmbeddingStamp
from retrieval.adapters.vectors_qdrant_server import open_server
from retrieval.ports import IndexUnavailable
from tests.support.engines import free_port

STAMP = EmbeddingStamp(model_id="tiny/compass", dimension=4, revision="0123456789abcdef")


async def test_a_server_out_of_reach_is_unavailable() -> None:
    with pytest.raises(IndexUnavailable) as refused:
        async with open_server(f"http://127.0.0.1:{free_port()}", None, 2, STAMP):
            pass

    assert "127.0.0.1" not in refused.value.message
