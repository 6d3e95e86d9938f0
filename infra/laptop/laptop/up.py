"""`make up`: in this terminal until Ctrl-C, or in the background from the moment it is ready."""

import subprocess
import sys
import time
from collections.abc import Sequence

from laptop.errors import CannotStart, ProgramFailed
from laptop.home import check_ports, make_home
from laptop.launch import LEFTOVER_SECONDS, launch
from laptop.places import FIRST_PORTS, Place
from laptop.process_table import mark_of
from laptop.program import Program
from laptop.programs import child_environment, postgres_of, programs, valkey_of
from laptop.provision import Models, fetch_models
from laptop.settings import LaptopSettings, inherited_environment
from laptop.state import LauncherState, Phase, read_state
from laptop.stop import stop_launcher
from laptop.stop_flag import StopFlag
from laptop.terminal import LiveLine, print_addresses, waiting_text
from laptop.watchman import clear_away

POLL_SECONDS = 0.1
CLAIM_SECONDS = 60


def up(settings: LaptopSettings, *, is_detached: bool) -> int:
    """Start Stoa, or say that it runs already."""
    place = Place(settings.home, settings.port_offset)
    make_home(place)
    running = read_state(place)
    if running is not None and running.is_alive():
        there = Place(place.home, running.offset)
        print_addresses(there, f"Stoa is already {running.phase} (process {running.pid}).")
        return 0
    if is_detached:
        return _up_in_background(settings, place)
    line = LiveLine()
    launch(
        place,
        lambda: prepare(settings, place),
        lambda names: line.show(waiting_text(names)),
        lambda: _announce(settings, place, line),
    )
    line.clear()
    print("Stoa has stopped.")
    return 0


def supervise(settings: LaptopSettings) -> int:
    """The background half of a detached start: the state file is its voice."""
    place = Place(settings.home, settings.port_offset)
    launch(place, lambda: prepare(settings, place), lambda _names: None, lambda: True)
    return 0


def prepare(settings: LaptopSettings, place: Place) -> Sequence[Program]:
    """Everything that can be refused is refused here, before the first process starts."""
    models = _refuse_early(settings, place)
    if settings.database_url is None:
        postgres_of(place).prepare()
    if settings.redis_url is None:
        valkey_of(place).prepare()
    return programs(settings, place, models, inherited_environment())


def _refuse_early(settings: LaptopSettings, place: Place) -> Models:
    given = {"postgres": settings.database_url, "valkey": settings.redis_url}
    idle = {"llamacpp", "vllm"} - {settings.engine}
    check_ports(place, [name for name in FIRST_PORTS if not (given.get(name) or name in idle)])
    return fetch_models(settings, place)


def _up_in_background(settings: LaptopSettings, place: Place) -> int:
    clear_away(mark_of(place.home), grace_seconds=LEFTOVER_SECONDS)
    _refuse_early(settings, place)  # here its bars and its sentence reach the terminal
    log = place.log("launcher")
    with log.open("wb") as output:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "laptop", "supervise"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    line = LiveLine()
    stop = StopFlag()
    if not _follow(place, launcher, line, stop):
        stop_launcher(place)
        return 130
    _announce(settings, place, line)
    return 0


def _follow(
    place: Place, launcher: subprocess.Popen[bytes], line: LiveLine, stop: StopFlag
) -> bool:
    """Show how far the background launcher is. False: the person asked to stop first."""
    while launcher.poll() is None:
        state = _state_of(place, launcher)
        if stop.is_asked():
            return False
        if state is not None and state.phase is Phase.READY:
            return True
        if state is not None and state.waiting_for:
            line.show(waiting_text(state.waiting_for))
        time.sleep(POLL_SECONDS)
    line.clear()
    state = _state_of(place, launcher)
    if state is not None and state.problem:
        raise ProgramFailed(state.culprit, state.problem)
    raise CannotStart(f"The launcher ended before Stoa was ready; see {place.log('launcher')}.")


def _state_of(place: Place, launcher: subprocess.Popen[bytes]) -> LauncherState | None:
    state = read_state(place)
    return state if state is not None and state.pid == launcher.pid else None


def _announce(settings: LaptopSettings, place: Place, line: LiveLine) -> bool:
    line.clear()
    print_addresses(place, "Stoa is ready.")
    environment = child_environment(settings, place, inherited_environment())
    claim = subprocess.run(
        [sys.executable, "-m", "gateway.claim_link"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=CLAIM_SECONDS,
        check=False,
    )
    if claim.returncode != 0:
        print("The link that claims the operator's account could not be made.", file=sys.stderr)
    elif claim.stdout.strip():
        print(f"Claim the operator's account, once: {claim.stdout.strip()}", flush=True)
    return True
