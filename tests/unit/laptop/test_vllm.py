"""vLLM beside Stoa: its environment, its command, and what is refused early."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from laptop.errors import CannotStart
from laptop.models.settings import REPOSITORY
from laptop.places import Place
from laptop.processor import has_native_bf16
from laptop.programs import child_environment, programs
from laptop.provision import Models, fetch_models
from laptop.settings import LaptopSettings
from laptop.vllm import vllm_python

MODELS = Models(
    "tiny", Path("/m/tiny.gguf"), Path("/m/e5"), Path("/m/spacy"), vllm_folder=Path("/m/tiny")
)


@pytest.fixture
def settings(tmp_path: Path) -> LaptopSettings:
    return LaptopSettings(home=tmp_path / "home", port_offset=100, engine="vllm")


@pytest.fixture
def place(settings: LaptopSettings) -> Place:
    place = Place(settings.home, settings.port_offset)
    for folder in place.folders():
        folder.mkdir(parents=True, exist_ok=True)
    return place


def test_vllm_is_one_of_the_programs(settings: LaptopSettings, place: Place) -> None:
    found = {program.name: program for program in programs(settings, place, MODELS, {})}

    words = found["vllm"].command
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "8184"
    assert found["inference"].after == ()  # it says itself that its engine is not there yet


def test_its_key_is_on_no_command_line(settings: LaptopSettings, place: Place) -> None:
    found = programs(settings, place, MODELS, {"GATEWAY_DATABASE_URL": "postgresql://secret"})
    vllm = next(program for program in found if program.name == "vllm")
    key = place.secret_file("vllm").read_text().strip()

    assert key not in " ".join(vllm.command)
    assert vllm.environment["VLLM_API_KEY"] == key


def test_it_says_nothing_to_anybody_else(settings: LaptopSettings, place: Place) -> None:
    found = programs(settings, place, MODELS, {"PYTHONDONTWRITEBYTECODE": "1"})
    environment = next(each for each in found if each.name == "vllm").environment

    quiet = ("VLLM_NO_USAGE_STATS", "DO_NOT_TRACK", "HF_HUB_OFFLINE")
    assert [environment[name] for name in quiet] == ["1", "1", "1"]
    assert "PYTHONDONTWRITEBYTECODE" not in environment


def test_inference_is_told_where_it_is(settings: LaptopSettings, place: Place) -> None:
    environment = child_environment(settings, place, {}, MODELS)

    engine = json.loads(environment["INFERENCE_ENGINES"])[0]
    assert (engine["kind"], engine["dialect"], engine["model"]) == ("openai", "vllm", "tiny")
    assert engine["url"] == "http://127.0.0.1:8184/v1"
    assert engine["api_key_file"] == str(place.secret_file("vllm"))


def test_an_unknown_engine_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "laptop", "up"],
        env={"PYTHONPATH": ":".join(sys.path), "STOA_HOME": str(tmp_path), "STOA_ENGINE": "typo"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == "STOA_ENGINE: Input should be 'llamacpp' or 'vllm'.\n"


def test_a_missing_vllm_names_the_verb_that_installs_it(
    settings: LaptopSettings, place: Place, tmp_path: Path
) -> None:
    with pytest.raises(CannotStart) as refused:
        fetch_models(settings, place, repository=tmp_path)

    assert str(refused.value) == "vLLM is not installed here yet: `make up ENGINE=vllm` does it."
    assert vllm_python(tmp_path).parent.parent.name == ".venv-vllm"


@pytest.mark.parametrize(
    ("facts", "is_native"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 amx_tile\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx512f amx_bf16\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_vnni\n", False),
        ("processor\t: 0\n", False),
    ],
)
def test_bf16_needs_the_processors_instructions(
    tmp_path: Path, facts: str, is_native: bool
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(facts)

    assert has_native_bf16(file) is is_native


def test_what_vllm_is_wanted_for_is_among_its_exact_versions() -> None:
    folder = REPOSITORY / "requirements"
    names = {
        file: {
            re.split(r"[=>]", line)[0].lower()
            for line in (folder / file).read_text().splitlines()
            if line and not line.startswith("#")
        }
        for file in ("vllm.txt", "constraints-vllm.txt")
    }

    assert names["vllm.txt"] <= names["constraints-vllm.txt"]
    assert not {"triton", "torchvision", "torchaudio", "torchcodec"} & names["constraints-vllm.txt"]
