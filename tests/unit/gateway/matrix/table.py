"""Reads the written table, and names what an answer is in its letters."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.unit.gateway.matrix.calls import Route
from tests.unit.gateway.matrix.world import PEOPLE

TABLE = Path(__file__).with_name("table.txt")
LETTERS = {
    401: "u",
    403: "f",
    404: "h",
    400: "i",
    422: "i",
    409: "c",
    429: "l",
    503: "s",
}
REFUSED = frozenset("ufh")


def letter(status: int) -> str:
    """o: done. u, f, h: refused. i, c, s: let in, but the request itself comes to nothing."""
    return "o" if status < 300 else LETTERS.get(status, "?")


@dataclass(frozen=True)
class Row:
    """A line of the table. act: what the audit trail then holds; `-`: nothing."""

    cells: dict[str, str]
    act: str


@cache
def table() -> dict[Route, Row]:
    """What is written."""
    rows: dict[Route, Row] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        method, path, *cells, act = line.split()
        assert len(cells) == len(PEOPLE), line
        assert (method, path) not in rows, f"twice: {line}"
        rows[(method, path)] = Row(dict(zip(PEOPLE, cells, strict=True)), act)
    return rows


def written(route: Route, row: Row) -> str:
    """A row as it stands in the file."""
    cells = " ".join(row.cells[name] for name in PEOPLE)
    return f"{route[0]:<7}{route[1]:<72}{cells}  {row.act}"
