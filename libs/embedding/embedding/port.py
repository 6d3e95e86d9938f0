"""The embedder port: texts in, unit vectors out, and whose vectors they are."""

from typing import Protocol

from contracts.passages import EmbeddingStamp

Vector = list[float]
Span = tuple[int, int]


class Embedder(Protocol):
    """Makes vectors of one model. Safe to call from several threads."""

    @property
    def stamp(self) -> EmbeddingStamp:
        """Travels with every vector; vectors of different stamps are never compared."""

    @property
    def passage_limit_tokens(self) -> int:
        """The longest passage, by `count_tokens`, that is read to its end."""

    def embed_passages(self, texts: list[str]) -> list[Vector]:
        """One unit vector a text, in the order given. What exceeds the limit is not read."""

    def embed_question(self, text: str) -> Vector:
        """The unit vector to compare with those of passages."""

    def count_tokens(self, texts: list[str]) -> list[int]:
        """The model's own count for each bare text, without prefix and end marks."""

    def token_spans(self, text: str) -> list[Span]:
        """Where each token of `count_tokens` begins and ends, in code points of the text."""


def read_tokens(embedder: Embedder, texts: list[str]) -> int:
    """What the model reads of texts, together: beyond its limit it reads nothing of a text."""
    limit = embedder.passage_limit_tokens
    return sum(min(count, limit) for count in embedder.count_tokens(texts))
