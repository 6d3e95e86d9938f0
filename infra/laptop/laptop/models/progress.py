"""How fetching tells a person where it stands."""

from typing import Protocol


class Progress(Protocol):
    """Called from the fetching thread; several models may be under way at once."""

    def begin(self, model_id: str, total_bytes: int) -> None:
        """Before the first byte: the size of what is coming."""

    def advance(self, model_id: str, done_bytes: int) -> None:
        """How much of the total is there now."""

    def end(self, model_id: str) -> None:
        """Nothing more will come, for good or ill."""


class Silent:
    """Tells nobody: for tests and scripts."""

    def begin(self, model_id: str, total_bytes: int) -> None:
        pass

    def advance(self, model_id: str, done_bytes: int) -> None:
        pass

    def end(self, model_id: str) -> None:
        pass
