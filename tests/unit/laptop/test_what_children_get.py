"""The process table and the environment it hands out."""

import json
import stat
from pathlib import Path

import pytest

from laptop.places import FIRST_PORTS, Place
from laptop.private_files import secret
from laptop.program import Program
from laptop.programs import child_environment, programs
from laptop.provision import Models
from laptop.settings import LaptopSettings

MODELS = Models("tiny", Path("/models/tiny.gguf"), Path("/models/e5"), Path("/models/spacy"))


@pytest.fixture
def settings(tmp_path: Path) -> LaptopSettings:
    return LaptopSettings(home=tmp_path / "home", port_offset=0)


@pytest.fixture
def place(settings: LaptopSettings) -> Place:
    place = Place(settings.home, settings.port_offset)
    for folder in place.folders():
        folder.mkdir(parents=True, exist_ok=True)
    return place


def named(found: list[Program], name: str) -> Program:
    return next(program for program in found if program.name == name)


def test_every_process_of_stoa_is_in_the_table(settings: LaptopSettings, place: Place) -> None:
    names = [program.name for program in programs(settings, place, MODELS, {})]

    engines, services = ["postgres", "valkey"], ["inference", "retrieval", "gateway"]
    assert names == [*engines, "migrate", *services, "worker", "beat", "web"]


def test_no_secret_is_on_a_command_line(settings: LaptopSettings, place: Place) -> None:
    found = programs(settings, place, MODELS, {})
    secrets = [file.read_text() for file in (place.home / "secrets").iterdir()]

    words = [word for program in found for word in program.command]
    assert len(secrets) == 3
    assert not [word for word in words for each in secrets if each in word]


def test_a_given_database_replaces_the_embedded_one(tmp_path: Path, place: Place) -> None:
    given = {"GATEWAY_DATABASE_URL": "postgresql+asyncpg://ada@db/stoa"}
    settings = LaptopSettings.model_validate({"home": tmp_path, **given})

    found = programs(settings, place, MODELS, given)

    assert "postgres" not in [program.name for program in found]
    assert named(found, "migrate").after == ("valkey",)
    gateway = named(found, "gateway").environment
    assert gateway["GATEWAY_DATABASE_URL"] == given["GATEWAY_DATABASE_URL"]


def test_what_a_person_set_wins_over_a_default(settings: LaptopSettings, place: Place) -> None:
    mine = json.dumps([{"kind": "openai", "url": "http://127.0.0.1:9000"}])

    environment = child_environment(settings, place, {"INFERENCE_ENGINES": mine}, MODELS)

    assert environment["INFERENCE_ENGINES"] == mine


def test_ports_follow_the_offset_whatever_was_set(place: Place) -> None:
    shifted = Place(place.home, 100)
    settings = LaptopSettings(home=place.home, port_offset=100)

    environment = child_environment(settings, shifted, {"GATEWAY_PORT": "1"}, MODELS)

    assert environment["GATEWAY_PORT"] == "8180"
    assert environment["WEB_GATEWAY_URL"] == "http://127.0.0.1:8180"
    assert f":{FIRST_PORTS['valkey'] + 100}/0" in environment["STOA_REDIS_URL"]
    assert json.loads(environment["INFERENCE_ENGINES"])[0]["port"] == 8183


def test_the_administrator_a_person_names_reaches_the_gateway(
    settings: LaptopSettings, place: Place
) -> None:
    environment = child_environment(settings, place, {"STOA_ADMIN_EMAIL": "ada@example.org"})

    assert environment["STOA_ADMIN_EMAIL"] == "ada@example.org"


def test_a_secret_is_invented_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "valkey"

    first, second = secret(path), secret(path)

    assert first == second
    assert len(first) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    assert list(tmp_path.iterdir()) == [path]


def test_reading_documents_is_nicer_than_answering(settings: LaptopSettings, place: Place) -> None:
    found = programs(settings, place, MODELS, {})

    assert {program.name: program.niceness for program in found if program.niceness} == {
        "worker": 10
    }
