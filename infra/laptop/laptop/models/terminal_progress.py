"""Progress bars on a terminal: the only part of fetching that needs `rich`."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from laptop.models.progress import Progress


@contextmanager
def terminal_progress() -> Iterator[Progress]:
    """Bars on a terminal, one a model, their sizes said beforehand."""
    bars = Bars(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    )
    with bars:
        yield TerminalProgress(bars)


class TerminalProgress:
    """Each model's bar, under the model's id."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def begin(self, model_id: str, total_bytes: int) -> None:
        self._bars.console.print(f"{model_id}: {total_bytes / 1e6:,.0f} MB to download")
        self._tasks[model_id] = self._bars.add_task(model_id, total=total_bytes)

    def advance(self, model_id: str, done_bytes: int) -> None:
        self._bars.update(self._tasks[model_id], completed=done_bytes)

    def end(self, model_id: str) -> None:
        self._bars.stop_task(self._tasks[model_id])
