"""Counts one answer of an engine for the metrics."""

import time

from contracts.generation import EngineUsage, GenerationChunk
from inference.metrics import ANSWERS, FIRST_TOKEN_SECONDS, TOKENS
from inference.registry.book import EngineBook


class Tally:
    """What is known of an answer so far. outcome: how it ended, unless its reader left."""

    def __init__(self, model: str, book: EngineBook) -> None:
        self.outcome = "cancelled"
        self._model = model
        self._book = book
        self._call = book.begin()
        self._started = time.perf_counter()
        self._has_begun = False
        self._usage: EngineUsage | None = None

    def hear(self, chunk: GenerationChunk) -> None:
        """Take note of a chunk."""
        self._usage = chunk.usage or self._usage
        if chunk.usage is not None:
            self._book.hear(self._call, chunk.usage)
        if chunk.text and not self._has_begun:
            self._has_begun = True
            seconds = time.perf_counter() - self._started
            FIRST_TOKEN_SECONDS.labels(self._model).observe(seconds)
            self._book.first_token(seconds)

    def close(self) -> None:
        """The answer has ended."""
        self._book.end(self._call, is_whole=self.outcome == "complete")
        ANSWERS.labels(self._model, self.outcome).inc()
        if self._usage is not None:
            TOKENS.labels(self._model, "input").inc(self._usage.input_tokens)
            TOKENS.labels(self._model, "cached").inc(self._usage.cached_tokens)
            TOKENS.labels(self._model, "output").inc(self._usage.output_tokens)
