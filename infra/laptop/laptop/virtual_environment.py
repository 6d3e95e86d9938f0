"""A virtual environment of this checkout, before anything is in it. Standard library only."""

import errno
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

INSTALLING = "stoa-installing"  # while pip unpacks; found at a start, the unpacking was cut off


class CannotInstall(Exception):
    """One sentence for the person at the terminal."""


@dataclass(frozen=True)
class VirtualEnvironment:
    """One folder, and how much disk its content needs."""

    folder: Path
    needed_gb: int

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def pip(self) -> list[str]:
        return [str(self.python), "-m", "pip", "--no-input", "--disable-pip-version-check"]

    @property
    def site_packages(self) -> Path:
        return next((self.folder / "lib").glob("python3*")) / "site-packages"

    def installed(self) -> int:
        """Packages in it, pip itself left out."""
        return sum(1 for name in self.site_packages.glob("*.dist-info") if name.name[:4] != "pip-")

    def stamp(self, name: str) -> Path:
        return self.folder / f"stoa-{name}.stamp"

    def is_filled(self, name: str, fingerprint: str) -> bool:
        """Whether it was filled to its end, with these very requirements."""
        stamp = self.stamp(name)
        return stamp.exists() and stamp.read_text() == fingerprint and self.python.exists()

    def check_disk(self) -> None:
        parent = self.folder.parent
        free_gb = shutil.disk_usage(parent).free / 1e9
        if not self.python.exists() and free_gb < self.needed_gb:
            raise CannotInstall(
                f"Stoa needs {self.needed_gb} GB of disk in {parent}, but only {free_gb:.1f} GB"
                " are free."
            )

    def make(self, newest_pip: list[str]) -> None:
        """An empty one with a pip that works; what a killed pip left half unpacked is dropped."""
        was_cut_off = (self.folder / INSTALLING).exists()
        if not was_cut_off and self.python.exists() and _succeeds([*self.pip, "--version"]):
            return
        if not (_is_importable("venv") and _is_importable("ensurepip")):
            package = f"python3.{sys.version_info.minor}-venv"
            raise CannotInstall(
                f"This Python cannot make virtual environments: install the package {package}"
                f" (Debian, Ubuntu: sudo apt install {package})."
            )
        print(f"Making {self.folder.name} with Python {sys.version.split()[0]}", flush=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(self.folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            said = (made.stderr or made.stdout).strip() or f"exit code {made.returncode}"
            raise CannotInstall(f"{self.folder} could not be made: {said.splitlines()[-1]}")
        # Today's pip installs twice as fast as the one of old Pythons; without it we go on.
        _succeeds([*self.pip, "install", "--upgrade", *newest_pip])

    def disk_full(self) -> CannotInstall:
        return CannotInstall(
            f"The disk is full: Stoa's packages need {self.needed_gb} GB in {self.folder}."
        )

    def unwritable(self, problem: OSError) -> CannotInstall:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            return self.disk_full()
        return CannotInstall(f"Stoa cannot write to {self.folder}: {problem.strerror}.")


def _is_importable(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
