"""From a bare machine to a filled `.venv` with the standard library only, then into a command.

bootstrap.py laptop COMMAND …   what Stoa needs to run, then COMMAND
bootstrap.py dev COMMAND …      what its tests and checks need too, then COMMAND
bootstrap.py none COMMAND …     COMMAND with whatever is installed
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from importlib import import_module
from pathlib import Path

from laptop.lifeline import kill_session, spawn

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "requirements"
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = [str(PYTHON), "-m", "pip", "--no-input", "--disable-pip-version-check"]
CONSTRAINTS = ["-c", str(REQUIREMENTS / "constraints.txt")]

FREE_GB_NEEDED = 4
POLL_SECONDS = 0.2
BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 10
FETCHING = re.compile(r"^(?:Collecting|Processing) ", re.MULTILINE)
SIZES = {
    "laptop": "About 0.6 GB to fetch with PyTorch for CPUs (when your pip is configured for it),"
    " 3 GB with the CUDA build that PyPI gives otherwise.",
    "dev": "The tools for tests and checks are about 0.1 GB of it.",
}


class CannotInstall(Exception):
    """One sentence for the person at the terminal."""


def main(words: list[str]) -> int:
    wanted, *command = words
    try:
        if wanted == "none" and not PYTHON.exists():
            print("Stoa is not installed here yet: `make up` does it.")
            return 0
        if wanted != "none":
            prepare(wanted)
    except CannotInstall as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    _become(command)
    return 0


def prepare(wanted: str) -> None:
    """Bring `.venv` to what `requirements/<wanted>.txt` says; at once when it is already there."""
    stamp = VENV / f"stoa-{wanted}.stamp"
    fingerprint = _fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint and PYTHON.exists():
        return
    stamp.unlink(missing_ok=True)
    try:
        _check_disk()
        _make_venv()
        _install(wanted)
        _write_path_file()
        for each in {wanted, "laptop"}:  # dev holds all of laptop
            (VENV / f"stoa-{each}.stamp").write_text(fingerprint)
    except OSError as problem:
        raise CannotInstall(_sentence(problem)) from None


def _fingerprint() -> str:
    digest = hashlib.sha256(str(REPOSITORY).encode())
    for file in [*sorted(REQUIREMENTS.glob("*.txt")), REPOSITORY / "pyproject.toml"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _check_disk() -> None:
    free_gb = shutil.disk_usage(REPOSITORY).free / 1e9
    if not PYTHON.exists() and free_gb < FREE_GB_NEEDED:
        raise CannotInstall(
            f"Stoa needs {FREE_GB_NEEDED} GB of disk in {REPOSITORY}, but only {free_gb:.1f} GB"
            " are free."
        )


def _make_venv() -> None:
    if PYTHON.exists() and _succeeds([str(PYTHON), "-m", "pip", "--version"]):
        return
    if not (_is_importable("venv") and _is_importable("ensurepip")):
        package = f"python3.{sys.version_info.minor}-venv"
        raise CannotInstall(
            f"This Python cannot make virtual environments: install the package {package}"
            f" (Debian, Ubuntu: sudo apt install {package})."
        )
    print(f"Making {VENV.relative_to(REPOSITORY)} with Python {sys.version.split()[0]}", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        said = (made.stderr or made.stdout).strip() or f"exit code {made.returncode}"
        raise CannotInstall(f"{VENV} could not be made: {said.splitlines()[-1]}")
    # Today's pip installs twice as fast as the one that old Pythons bring; without it we go on.
    _succeeds([*PIP, "install", "--upgrade", "pip", *CONSTRAINTS])


def _install(wanted: str) -> None:
    """Let pip fetch and unpack everything, under a bar, with the user's own pip configuration."""
    # Imported here: a start with everything installed must not pay for it.
    from laptop.models import ModelUnavailable
    from laptop.models_ahead import models_meanwhile

    log = VENV / "install.log"
    missing = _pins(wanted) - _installed()
    print(f"Installing {missing} packages. {SIZES[wanted]}", flush=True)
    # Bytecode is made when a module is first imported: making all of it takes two minutes.
    command = [*PIP, "install", "--no-compile", "-r", str(REQUIREMENTS / f"{wanted}.txt")]
    log.unlink(missing_ok=True)
    try:
        with models_meanwhile(PYTHON, VENV / "models.log") as models:
            process = spawn([*command, *CONSTRAINTS], log, death_signal=signal.SIGTERM)
            _watch(process, log, missing)
            if process.returncode == 0:
                models.wait(Bar().show)
    except ModelUnavailable as problem:  # a model that is in no catalogue
        raise CannotInstall(str(problem)) from None
    if process.returncode != 0:
        raise CannotInstall(_reason(log))


def _watch(process: subprocess.Popen[bytes], log: Path, missing: int) -> None:
    bar = Bar()
    before = _installed()
    try:
        while process.poll() is None:
            said = log.read_text(errors="replace")
            if "Installing collected packages:" in said:
                bar.show("unpacking", _installed() - before, missing)
            else:
                bar.show("fetching", len(FETCHING.findall(said)), missing)
            time.sleep(POLL_SECONDS)
    finally:
        kill_session(process)
    bar.end()


def _pins(wanted: str) -> int:
    """How many packages there are to be, by the sections of constraints.txt."""
    sections = ("# [laptop]", "# [dev]") if wanted == "dev" else ("# [laptop]",)
    count, counting = 0, False
    for line in (REQUIREMENTS / "constraints.txt").read_text().splitlines():
        if line.startswith("#"):
            counting = line.startswith(sections)
        count += counting and "==" in line
    return count


def _installed() -> int:
    """Packages in `.venv`, pip itself left out."""
    return sum(1 for name in _site_packages().glob("*.dist-info") if name.name[:4] != "pip-")


def _site_packages() -> Path:
    return next((VENV / "lib").glob("python3*")) / "site-packages"


def _reason(log: Path) -> str:
    said = log.read_text(errors="replace")
    if os.strerror(errno.ENOSPC) in said:
        return f"The disk is full: Stoa's packages need {FREE_GB_NEEDED} GB in {VENV}."
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    reason = errors[0].removeprefix("ERROR:").strip() if errors else "pip was stopped"
    return f"The packages could not be installed: {reason.rstrip('.')}. All of pip's words: {log}"


def _sentence(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: Stoa's packages need {FREE_GB_NEEDED} GB in {VENV}."
    return f"Stoa cannot write to {VENV}: {problem.strerror}."


def _write_path_file() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    folders = [str(REPOSITORY / member) for member in project["tool"]["stoa"]["members"]]
    (_site_packages() / "stoa.pth").write_text("\n".join(folders) + "\n")


def _is_importable(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _become(command: list[str]) -> None:
    """Become the command: signals and the exit code are its own."""
    environment = dict(os.environ)  # noqa: TID251 - handed on, not read for settings
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    # Nothing was compiled while installing: each import must keep its bytecode, or every start
    # compiles torch and transformers again (14 s of a core).
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)  # noqa: S606 - no shell is wanted


class Bar:
    """A bar that moves on a terminal, and a line now and then in a log."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._said_at = time.monotonic()

    def show(self, doing: str, done: int, total: int) -> None:
        part = min(done / total, 1.0) if total > 0 else 1.0
        if self._is_terminal:
            full = int(part * BAR_WIDTH)
            bar = "#" * full + "." * (BAR_WIDTH - full)
            print(f"\r\x1b[K[{bar}] {doing} {done}/{total}", end="", flush=True)
        elif time.monotonic() > self._said_at + SECONDS_BETWEEN_LINES:
            self._said_at = time.monotonic()
            print(f"{doing} {done}/{total}", flush=True)

    def end(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
