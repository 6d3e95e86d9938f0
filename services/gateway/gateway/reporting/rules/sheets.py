"""Tables as CSV, for spreadsheets that take some texts for formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read Chinese names as something else."""


def sheet(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, is_first: bool) -> bytes:
    """Rows as CSV, the first ones below a line of names."""
    written = io.StringIO()
    if is_first:
        written.write(BYTE_ORDER_MARK)
    writer = csv.writer(written)
    if is_first:
        writer.writerow(columns)
    writer.writerows([_cell(name, row[name]) for name in columns] for row in rows)
    return written.getvalue().encode()


def _cell(name: str, value: Any) -> Any:
    """Numbers are ours, and may be negative; texts are people's, and may begin as a formula."""
    if isinstance(value, str) and name != "cost" and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
