"""Reads the written table."""

from functools import cache
from pathlib import Path

from tests.unit.web.matrix.calls import Route
from tests.unit.web.matrix.stage import PEOPLE

TABLE = Path(__file__).with_name("table.txt")


@cache
def table() -> dict[Route, dict[str, str]]:
    """What is written: row -> person -> letter."""
    rows: dict[Route, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, path, *cells = line.split()
        assert len(cells) == len(PEOPLE), line
        assert (method, path) not in rows, f"twice: {line}"
        rows[(method, path)] = dict(zip(PEOPLE, cells, strict=True))
    return rows


def written(row: Route, cells: dict[str, str]) -> str:
    """A row as it stands in the file."""
    return f"{row[0]:<7}{row[1]:<71} {' '.join(cells[name] for name in PEOPLE)}"
