"""One launcher's life: hold the home, start everything, look after it, leave nothing behind."""

from collections.abc import Callable, Sequence

from laptop.errors import ProgramFailed
from laptop.home import make_home, unusable
from laptop.places import Place
from laptop.process_table import mark_of
from laptop.program import Program
from laptop.state import LauncherState, Phase, my_state, only_one, write_state
from laptop.stop_flag import StopFlag
from laptop.supervisor import Supervisor
from laptop.watchman import clear_away

LEFTOVER_SECONDS = 5.0  # a killed launcher's children are on their way out already


def launch(
    place: Place,
    prepare: Callable[[], Sequence[Program]],
    waiting: Callable[[Sequence[str]], None],
    ready: Callable[[], bool],
) -> None:
    """Run what `prepare` names until the person asks to stop, or `ready` says it was enough."""
    make_home(place)
    try:
        with only_one(place):
            clear_away(mark_of(place.home), grace_seconds=LEFTOVER_SECONDS)
            programs = prepare()
            _supervise(place, programs, waiting, ready)
    except OSError as problem:
        raise unusable(place, problem) from None


def _supervise(
    place: Place,
    programs: Sequence[Program],
    waiting: Callable[[Sequence[str]], None],
    ready: Callable[[], bool],
) -> None:
    stop = StopFlag()
    state = my_state(place.offset)
    supervisor = Supervisor(place, programs, state)
    try:
        if supervisor.start_all(stop.is_asked, lambda: waiting(state.waiting_for)) and ready():
            supervisor.keep_alive(stop.is_asked)
    except ProgramFailed as problem:
        state.problem, state.culprit = str(problem), problem.program
        raise
    finally:
        supervisor.stop_all(stop.is_asked_twice)
        _leave(place, state)


def _leave(place: Place, state: LauncherState) -> None:
    """A failure stays readable for the process that waits for a background launcher."""
    if state.problem:
        state.phase = Phase.FAILED
        write_state(place, state)
    else:
        place.state_file.unlink(missing_ok=True)
