"""A virtual environment whose filling was cut off is made anew; a whole one is left alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from laptop.pip_install import Wanted, install, pins_of
from laptop.virtual_environment import INSTALLING, CannotInstall, VirtualEnvironment
from tests.support.waiting import wait_until

NOTHING_NEWER = ["--no-index", "pip"]


@pytest.fixture
def venv(tmp_path: Path) -> VirtualEnvironment:
    """Its pip is a script: says its version, and fails at everything else."""
    venv = VirtualEnvironment(tmp_path / ".venv-test", needed_gb=1)
    venv.python.parent.mkdir(parents=True)
    (venv.folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    pip(venv, "echo 'ERROR: no such package' && exit 1")
    return venv


def pip(venv: VirtualEnvironment, install_words: str) -> None:
    text = f'#!/bin/sh\ncase "$*" in *--version*) exit 0 ;; esac\n{install_words}\n'
    venv.python.write_text(text)
    venv.python.chmod(0o755)


def test_a_whole_environment_is_not_made_again(venv: VirtualEnvironment) -> None:
    venv.make(NOTHING_NEWER)

    assert "no such package" in venv.python.read_text()


def test_one_that_was_cut_off_is_made_anew(venv: VirtualEnvironment) -> None:
    half = venv.site_packages / "half_of_a_package.py"
    half.touch()
    (venv.folder / INSTALLING).touch()

    venv.make(NOTHING_NEWER)

    assert not half.exists()
    assert not (venv.folder / INSTALLING).exists()
    assert venv.site_packages.parent.name == f"python3.{sys.version_info.minor}"


def test_a_pip_that_fails_by_itself_leaves_no_mark(venv: VirtualEnvironment) -> None:
    with pytest.raises(CannotInstall) as refused:
        install(venv, Wanted(("nothing",), 1, ""))

    assert "no such package" in str(refused.value)
    assert not (venv.folder / INSTALLING).exists()


def test_a_killed_installation_leaves_the_mark(venv: VirtualEnvironment) -> None:
    pip(venv, "exec sleep 600")
    code = f"""
from pathlib import Path
from laptop.pip_install import Wanted, install
from laptop.virtual_environment import VirtualEnvironment
install(VirtualEnvironment(Path({str(venv.folder)!r}), 1), Wanted(("nothing",), 1, ""))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": "/bin"}
    ) as installing:
        mark = venv.folder / INSTALLING
        wait_until(mark.exists, seconds=20, what="pip to begin")
        installing.kill()

    assert mark.exists()


def test_pins_are_counted_by_section(tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    file.write_text("# words\n# [pip]\npip==1\n# [laptop]\na==1\nb==2\n# [dev]\nc==3\n")

    assert pins_of(file) == 4
    assert pins_of(file, ("# [laptop]",)) == 2
    assert pins_of(file, ("# [laptop]", "# [dev]")) == 3
