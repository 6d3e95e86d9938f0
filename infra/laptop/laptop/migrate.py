"""`make migrate`: bring the database's tables up to date, whether Stoa runs or not."""

import subprocess

from laptop.launch import launch
from laptop.places import Place
from laptop.program import Program
from laptop.programs import child_environment, embedded_engines, migration, postgres_of
from laptop.settings import LaptopSettings, inherited_environment
from laptop.state import read_state
from laptop.terminal import LiveLine, waiting_text


def migrate(settings: LaptopSettings) -> int:
    place = Place(settings.home, settings.port_offset)
    running = read_state(place)
    if running is not None and running.is_alive():
        there = Place(place.home, running.offset)
        command = migration(_environment(settings, there), ()).command
        return subprocess.run(command, env=_environment(settings, there), check=False).returncode
    return _migrate_alone(settings, place)


def _migrate_alone(settings: LaptopSettings, place: Place) -> int:
    """With a database of our own it is started for this one moment."""

    def prepare() -> list[Program]:
        if settings.database_url is None:
            postgres_of(place).prepare()
        engines = embedded_engines(settings, place, inherited_environment())
        database = [engine for engine in engines if engine.name == "postgres"]
        names = tuple(engine.name for engine in database)
        return [*database, migration(_environment(settings, place), names)]

    line = LiveLine()
    launch(place, prepare, lambda names: line.show(waiting_text(names)), lambda: False)
    line.clear()
    print("The tables are up to date.")
    return 0


def _environment(settings: LaptopSettings, place: Place) -> dict[str, str]:
    return child_environment(settings, place, inherited_environment())
