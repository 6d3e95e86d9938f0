"""An embedder without a model: hashed words and character pairs. For tests and for a null start.

Texts that share words are close, in any script; meaning, synonyms and word order it does not know.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from zlib import crc32

from contracts.passages import EmbeddingStamp
from embedding.port import Span, Vector
from embedding.stamps import revision_of

DIMENSION = 384
PASSAGE_LIMIT_TOKENS = 500
WORD_WEIGHT, PIECE_WEIGHT = 1.0, 0.4
PIECE_LENGTH = 3
SIGN = 1 << 31

# Scripts written without spaces: each sign is a token of its own.
_UNSPACED = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+|[^\w\s]|_+")


class HashingEmbedder:
    """Deterministic on every machine; needs neither files nor libraries."""

    stamp = EmbeddingStamp(
        model_id="hashing-384", dimension=DIMENSION, revision=revision_of(b"hashing-384", b"1")
    )
    passage_limit_tokens = PASSAGE_LIMIT_TOKENS

    def embed_passages(self, texts: list[str]) -> list[Vector]:
        return [self._embed(text) for text in texts]

    def embed_question(self, text: str) -> Vector:
        return self._embed(text)

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [sum(1 for _ in _TOKEN.finditer(text)) for text in texts]

    def token_spans(self, text: str) -> list[Span]:
        return [match.span() for match in _TOKEN.finditer(text)]

    def _embed(self, text: str) -> Vector:
        spans = self.token_spans(text)[:PASSAGE_LIMIT_TOKENS]
        read = text[: spans[-1][1]] if spans else ""
        vector = [0.0] * DIMENSION
        for feature, times in Counter(_features(read)).items():
            position, weight = _place(feature)
            # The fifth mention of a word says less than the first.
            vector[position] += weight * math.sqrt(times)
        length = math.sqrt(sum(value * value for value in vector))
        if length == 0:
            return [1.0] + [0.0] * (DIMENSION - 1)  # nothing to say is still a unit vector
        return [value / length for value in vector]


def _features(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = [word for word in _TOKEN.findall(folded) if word[0].isalnum()]
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        yield f"w{word}"
        if len(word) > 1:
            marked = f"<{word}>"
            for start in range(len(marked) - PIECE_LENGTH + 1):
                yield f"p{marked[start : start + PIECE_LENGTH]}"
        elif following and not word.isascii():
            yield f"p{word}{following}"  # a Chinese word is mostly two signs


@lru_cache(maxsize=65_536)
def _place(feature: str) -> tuple[int, float]:
    """Where a feature goes and with which sign: collisions then cancel as often as they add."""
    number = crc32(feature.encode("utf-8", "surrogatepass"))
    weight = WORD_WEIGHT if feature[0] == "w" else PIECE_WEIGHT
    return number % SIGN % DIMENSION, -weight if number >= SIGN else weight
