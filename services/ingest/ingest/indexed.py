"""What is indexed of a passage: header and text, as a vector of meaning and as weights of words."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.passages import EmbeddingStamp, PassageVector
from embedding.port import Embedder
from lexical.scripts import scripts_of
from lexical.weights import passage_weights, stamped


@dataclass(frozen=True)
class Indexed:
    """A passage on its way into the index. header: indexed with the text, never quoted."""

    passage_id: str
    index: int
    header: str
    text: str

    @property
    def whole(self) -> str:
        """What is embedded and weighed."""
        return f"{self.header}\n{self.text}" if self.header else self.text


def stamp_of(embedder: Embedder) -> EmbeddingStamp:
    """The stamp that `vectors_of` this embedder carry."""
    return stamped(embedder.stamp)


def vectors_of(embedder: Embedder, passages: Sequence[Indexed]) -> list[PassageVector]:
    """In the order given."""
    vectors = embedder.embed_passages([passage.whole for passage in passages])
    return [
        PassageVector(
            passage_id=passage.passage_id,
            index=passage.index,
            vector=vector,
            words=passage_weights(passage.whole),
            scripts=scripts_of(passage.text),
        )
        for passage, vector in zip(passages, vectors, strict=True)
    ]
