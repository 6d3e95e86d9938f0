"""What puts a few passages in a better order."""

from typing import Protocol


class Reranker(Protocol):
    """A model that reads a question and a passage together. Used by one thread at a time."""

    @property
    def model_id(self) -> str:
        """Which model it is, as the ledger names it."""
        ...

    def count_tokens(self, question: str, texts: list[str]) -> int:
        """What the model reads, the question once with each text, by its own count."""
        ...

    def scores(self, question: str, texts: list[str]) -> list[float]:
        """How well each text answers the question, in the order of the texts; more is better."""
        ...
