"""`make seed`: the examples, put into a Stoa that runs, through its public API.

The session it works with is the operator's, lent for an hour by whoever may read the database's
password; an installation that nobody has claimed is claimed by the way.
"""

import subprocess
import sys
from collections.abc import Sequence

from laptop.errors import CannotStart
from laptop.places import Place
from laptop.programs import child_environment
from laptop.settings import LaptopSettings, inherited_environment
from laptop.state import Phase, read_state


def seed(settings: LaptopSettings) -> int:
    """Run the seeder against the installation of this home."""
    there = _running(settings)
    environment = child_environment(settings, there, inherited_environment())
    environment |= {
        "SEED_GATEWAY_URL": there.address("gateway"),
        "SEED_WEB_URL": there.address("web"),
        "SEED_KEPT": str(there.secret_file("seed-people.json")),
    }
    command = [sys.executable, "-m", "seed"]
    lent = _said(environment, "gateway.operator_session")
    if lent:
        environment["SEED_SESSION"] = lent
    else:
        environment["SEED_CLAIM"] = _said(environment, "gateway.claim_link").partition("token=")[2]
    return subprocess.run(command, env=environment, check=False).returncode


def seed_usage(settings: LaptopSettings, arguments: Sequence[str]) -> int:
    """Write a month of example usage into the ledger of the installation that runs."""
    place = _running(settings)
    environment = child_environment(settings, place, inherited_environment())
    command = [sys.executable, "-m", "gateway.example_usage", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


def _running(settings: LaptopSettings) -> Place:
    place = Place(settings.home, settings.port_offset)
    running = read_state(place)
    if running is None or not running.is_alive() or running.phase is not Phase.READY:
        raise CannotStart("Stoa is not running: start it with `DETACH=1 make up`, then seed.")
    return Place(place.home, running.offset)


def _said(environment: dict[str, str], module: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CannotStart(done.stderr.strip().splitlines()[-1] if done.stderr else "No session.")
    return done.stdout.strip()
