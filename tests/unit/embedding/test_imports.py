"""Naming the port costs nothing: a process pays for torch when it makes the embedder."""

import subprocess
import sys

import pytest

MODULES = [
    "embedding",
    "embedding.port",
    "embedding.adapters.embedder_hashing",
    "embedding.adapters.embedder_sentence_transformers",
    "embedding.convert",
]
HEAVY = "torch transformers sentence_transformers onnxruntime optimum"


def printed_by(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("module", MODULES)
def test_importing_loads_no_heavy_library(module: str) -> None:
    program = f"import sys, {module}; print([n for n in {HEAVY.split()} if n in sys.modules])"

    assert printed_by(program) == "[]"


def test_the_hashing_twin_needs_no_numpy() -> None:
    program = (
        "import sys; from embedding.adapters.embedder_hashing import HashingEmbedder;"
        "HashingEmbedder().embed_question('ferry'); print('numpy' in sys.modules)"
    )

    assert printed_by(program) == "False"
