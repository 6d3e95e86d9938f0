"""Places of the ingest unit tests: a folder to put files in, a reader for them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.parsing import formats
from ingest.parsing.parsed import Parsed

Read = Callable[..., Parsed]
"""read(content, name): the file parsed in this process."""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes | str, name: str = "letter.txt") -> Parsed:
        source = tmp_path / "source"
        source.write_bytes(content.encode() if isinstance(content, str) else content)
        return formats.parse(source, name)

    return read
