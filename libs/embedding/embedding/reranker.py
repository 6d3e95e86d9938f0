"""What puts a few passages in a better order."""

from typing import Protocol


class Reranker(Protocol):
    """A model that reads a question and a passage together. Used by one thread at a time."""

    def scores(self, question: str, texts: list[str]) -> list[float]:
        """How well each text answers the question, in the order of the texts; more is better."""
        ...
