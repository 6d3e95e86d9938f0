"""BM25 in two halves, as a store of sparse vectors wants them.

A passage's weights hold how often its words stand in it and how long it is; the question's are one
for each word; how rare a word is among what the asker may read is the store's to say, at the
moment of asking. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009).
"""

from collections import Counter
from hashlib import blake2b

from contracts.passages import EmbeddingStamp, WordWeights
from lexical.analyser import words

REVISION = "1"
"""Raised with every change of the analyser or the weights: passages are then weighed again."""

SATURATION = 1.2  # k1
LENGTH_SHARE = 0.75  # b
USUAL_WORDS = 120
"""The length that counts as usual. A constant: the true mean would move with every upload, and tell
one collection of another."""


def stamped(stamp: EmbeddingStamp) -> EmbeddingStamp:
    """The stamp of vectors that have our weights beside them."""
    return stamp.model_copy(update={"words": REVISION})


def passage_weights(text: str) -> WordWeights:
    """The weights of what is indexed for a passage, its header included."""
    counts = Counter(words(text))
    length = sum(counts.values())
    damping = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / USUAL_WORDS)
    return _weights(
        {word: count * (SATURATION + 1) / (count + damping) for word, count in counts.items()}
    )


def question_weights(text: str) -> WordWeights:
    """One for each different word of a question."""
    return _weights(dict.fromkeys(words(text), 1.0))


def word_number(word: str) -> int:
    """The number of a word: 32 bits, the same on every machine and for ever."""
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "big")


def _weights(found: dict[str, float]) -> WordWeights:
    by_number: dict[int, float] = {}
    for word, weight in found.items():
        number = word_number(word)
        # Two words of one number (one pair in some thousand passages) count as the stronger one.
        by_number[number] = max(weight, by_number.get(number, 0.0))
    numbers = sorted(by_number)
    return WordWeights(indices=numbers, values=[by_number[number] for number in numbers])
