"""`make backup` and `make restore`: the gateway's own commands, with the engines they need.

A backup is taken from a Stoa that runs, or from one that is started for this one moment as far as
it is needed. A restore wants a Stoa that does not run and holds nothing.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from laptop.errors import CannotStart
from laptop.home import check_ports
from laptop.launch import launch
from laptop.places import Place
from laptop.postgres import PostgresServer
from laptop.program import Program
from laptop.programs import child_environment, embedded_engines, postgres_of, programs
from laptop.provision import fetch_models
from laptop.settings import LaptopSettings, inherited_environment
from laptop.state import read_state
from laptop.terminal import LiveLine, waiting_text

VECTORS = "vectors.tar.gz"


def backup(settings: LaptopSettings, target: Path | None) -> int:
    """Take a backup into `target`, or beside the installation."""
    place = Place(settings.home, settings.port_offset)
    folder = (target or default_target(place)).expanduser().resolve()
    running = read_state(place)
    if running is not None and running.is_alive():
        there = Place(place.home, running.offset)
        return _run(settings, there, "gateway.backup", str(folder))
    if settings.database_url is None and not (place.home / "postgres").exists():
        raise CannotStart(f"There is nothing in {place.home} to back up.")
    return _with_engines(
        place,
        lambda: _needed_for_backup(settings, place),
        lambda: _run(settings, place, "gateway.backup", str(folder)),
    )


def restore(settings: LaptopSettings, source: Path) -> int:
    """Bring a backup into this installation, which must be empty and stopped."""
    place = Place(settings.home, settings.port_offset)
    folder = source.expanduser().resolve()
    running = read_state(place)
    if running is not None and running.is_alive():
        raise CannotStart("Stoa is running: stop it with `make down`, then restore.")
    return _with_engines(
        place, lambda: _database(settings, place), lambda: _restore(settings, place, folder)
    )


def default_target(place: Place) -> Path:
    """Beside the installation, never in it: who deletes it keeps the backups."""
    return place.home.parent / "backups"


def _restore(settings: LaptopSettings, place: Place, folder: Path) -> int:
    code = _run(settings, place, "gateway.restore", str(folder))
    vectors = folder / VECTORS
    if code == 0 and vectors.exists():
        # No reason to fail: what is not put back here is embedded again.
        _run(settings, place, "retrieval.restore_index", str(vectors))
    return code


def _needed_for_backup(settings: LaptopSettings, place: Place) -> list[Program]:
    models = fetch_models(settings, place)
    _prepare(settings, place)
    check_ports(place, ["retrieval"])
    wanted = ("postgres", "retrieval")
    everything = programs(settings, place, models, inherited_environment())
    return [program for program in everything if program.name in wanted]


def _database(settings: LaptopSettings, place: Place) -> list[Program]:
    _prepare(settings, place)
    engines = embedded_engines(settings, place, inherited_environment())
    return [engine for engine in engines if engine.name == "postgres"]


def _prepare(settings: LaptopSettings, place: Place) -> None:
    if settings.database_url is None:
        check_ports(place, ["postgres"])
        server: PostgresServer = postgres_of(place)
        server.prepare()


def _with_engines(
    place: Place, prepare: Callable[[], Sequence[Program]], work: Callable[[], int]
) -> int:
    """Start what is needed, do the work, stop it again; the work's exit status."""
    line, codes = LiveLine(), list[int]()

    def ready() -> bool:
        line.clear()
        codes.append(work())
        return False  # it was enough

    launch(place, prepare, lambda names: line.show(waiting_text(names)), ready)
    line.clear()
    return codes[0] if codes else 130


def _run(settings: LaptopSettings, place: Place, module: str, word: str) -> int:
    environment = child_environment(settings, place, inherited_environment())
    # These commands embed nothing, and need no model to be there.
    environment.setdefault("RETRIEVAL_EMBEDDING_PATH", "hashing")
    command = [sys.executable, "-m", module, word]
    return subprocess.run(command, env=environment, check=False).returncode
