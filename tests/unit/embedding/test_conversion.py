"""The converted folder means what the 4-bit file means, and is the same each time."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from embedding.adapters.embedder_sentence_transformers import SentenceTransformersEmbedder
from embedding.convert_e5 import convert_e5
from embedding.port import Vector
from embedding.stamps import stamp_of_foreign_folder
from tests.support.models import embedding_model_path, embedding_source_path

TEXTS = [
    "The ferry to the island leaves every two hours from the northern pier.",
    "前往岛屿的渡轮每两个小时从北码头出发。",
    "Short.",
    "価格は１２３円～です。 Füße, naïve café; x < y && z != 0",
    "Photosynthesis turns light into chemical energy. " * 30,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conversion with the full-precision weights beside the integer graph."""
    target = tmp_path_factory.mktemp("converted") / "e5"
    convert_e5(embedding_source_path(), target, "multilingual-e5-small", with_weights=True)
    return target


@pytest.fixture(scope="module")
def embedder(folder: Path) -> SentenceTransformersEmbedder:
    return SentenceTransformersEmbedder(folder)


def cosines(first: list[Vector], second: list[Vector]) -> list[float]:
    return [
        sum(a * b for a, b in zip(one, other, strict=True))
        for one, other in zip(first, second, strict=True)
    ]


def files_of(folder: Path) -> dict[str, str]:
    names = ("onnx/model.onnx", "onnx/model.onnx_data", "tokenizer.json", "embedding-stamp.json")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def test_integers_stay_close_to_full_precision(
    folder: Path, embedder: SentenceTransformersEmbedder
) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    full = plain.encode(TEXTS, prompt="passage: ", show_progress_bar=False).tolist()
    integers = embedder.embed_passages(TEXTS)

    assert min(cosines(full, integers)) >= 0.995


def test_a_plain_sentence_transformer_loads_the_onnx_graph(
    folder: Path, embedder: SentenceTransformersEmbedder
) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(folder), backend="onnx", device="cpu", local_files_only=True)
    vectors = plain.encode(TEXTS, prompt="passage: ", show_progress_bar=False).tolist()

    # Company in a batch moves a vector by a hair: its numbers share one scale.
    assert min(cosines(vectors, embedder.embed_passages(TEXTS))) > 0.99


def test_converting_again_gives_the_same_bytes(folder: Path) -> None:
    assert files_of(folder) == files_of(embedding_model_path())


def test_a_file_that_is_no_model_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "source.bin").write_bytes(b"E5S1 and then nothing")
    command = [sys.executable, "-m", "embedding.convert"]
    command += ["--source", str(tmp_path / "source.bin"), "--target", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (1, "source.bin ends early or is damaged.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["source.bin"]


def test_loading_asks_no_hub(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; calls = []; sys.addaudithook(lambda event, _:"
        " calls.append(event) if event in ('socket.connect', 'socket.getaddrinfo') else None);"
        "from embedding.adapters.embedder_sentence_transformers import *;"
        f"vector = SentenceTransformersEmbedder(Path({str(folder)!r})).embed_question('ferry');"
        "print(len(vector), calls)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "384 []\n", "")


def test_a_folder_from_elsewhere_is_stamped_by_its_bytes(tmp_path: Path) -> None:
    for name in ("ours", "the same", "another"):
        (tmp_path / name / "onnx").mkdir(parents=True)
        (tmp_path / name / "onnx" / "model.onnx").write_bytes(name[:3].encode())
    (tmp_path / "the same" / "onnx" / "model.onnx").write_bytes(b"our")
    ours, same, another = (
        stamp_of_foreign_folder(tmp_path / name, "anything", 384)
        for name in ("ours", "the same", "another")
    )

    assert ours == same != another
