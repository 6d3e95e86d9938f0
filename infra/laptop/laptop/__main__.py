"""The verbs of the laptop: up, down, status, logs, migrate, backup, restore, seed."""

import argparse
import signal
import sys
from pathlib import Path

from pydantic import ValidationError

from laptop.backup import backup, restore
from laptop.errors import CannotStart, ProgramFailed
from laptop.lifeline import tie_to_parent
from laptop.look import show_logs, show_status
from laptop.migrate import migrate
from laptop.places import Place
from laptop.seed import seed, seed_usage
from laptop.settings import LaptopSettings
from laptop.state import tail
from laptop.stop import stop_launcher
from laptop.terminal import print_log_end
from laptop.up import supervise, up

LOG_LINES_AFTER_FAILURE = 15


def main() -> int:
    wanted = _parser().parse_args()
    try:
        settings = LaptopSettings()
    except ValidationError as problem:
        first = problem.errors()[0]
        print(f"STOA_{str(first['loc'][0]).upper()}: {first['msg']}.", file=sys.stderr)
        return 2
    place = Place(settings.home, settings.port_offset)
    try:
        return _do(wanted, settings, place)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        if isinstance(problem, ProgramFailed):
            log = place.log(problem.program)
            print_log_end(problem.program, tail(log, LOG_LINES_AFTER_FAILURE))
        return 1
    except KeyboardInterrupt:
        return 130


def _do(wanted: argparse.Namespace, settings: LaptopSettings, place: Place) -> int:
    match wanted.verb:
        case "up":
            if wanted.tied:  # a killed `make` must not leave its launcher running
                tie_to_parent(signal.SIGTERM)
            return up(settings, is_detached=wanted.detach)
        case "supervise":
            return supervise(settings)
        case "down":
            print("Stoa has stopped." if stop_launcher(place) else "Stoa is not running.")
            return 0
        case "status":
            return show_status(place)
        case "logs":
            return show_logs(place, wanted.names, wanted.lines, is_followed=wanted.follow)
        case _:
            return _look_after(wanted, settings)


def _look_after(wanted: argparse.Namespace, settings: LaptopSettings) -> int:
    match wanted.verb:
        case "backup":
            return backup(settings, wanted.to)
        case "restore":
            return restore(settings, wanted.source)
        case "seed":
            return seed(settings)
        case "seed-usage":
            switches = ("--yes", wanted.yes), ("--two-currencies", wanted.two_currencies)
            given = [name for name, is_given in switches if is_given]
            return seed_usage(settings, [*given, "--rows", str(wanted.rows)])
        case _:
            return migrate(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="laptop", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    starting = verbs.add_parser("up", help="start everything, or say that it runs")
    starting.add_argument("--detach", action="store_true", help="return when ready")
    starting.add_argument("--tied", action="store_true", help="stop when the parent dies")
    verbs.add_parser("supervise", help="the background half of `up --detach`")
    verbs.add_parser("down", help="stop everything")
    verbs.add_parser("status", help="what runs, and whether it is ready")
    logs = verbs.add_parser("logs", help="the end of each log")
    logs.add_argument("names", nargs="*", help="gateway, worker, …; all when none is named")
    logs.add_argument("--lines", type=int, default=20)
    logs.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    keeping = verbs.add_parser("backup", help="keep a copy of everything, while it runs or not")
    keeping.add_argument("--to", type=Path, default=None, help="the folder of the backups")
    bringing = verbs.add_parser("restore", help="bring a backup into an empty installation")
    bringing.add_argument("source", type=Path)
    verbs.add_parser("seed", help="put examples into a Stoa that runs")
    usage = verbs.add_parser("seed-usage", help="a month of usage to look at, for trying")
    usage.add_argument("--yes", action="store_true", help="even when the ledger has rows")
    usage.add_argument("--two-currencies", action="store_true")
    usage.add_argument("--rows", type=int, default=20_000)
    verbs.add_parser("migrate", help="bring the database's tables up to date")
    return parser


if __name__ == "__main__":
    sys.exit(main())
