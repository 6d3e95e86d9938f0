"""Embeds questions and texts, one slice at a time, off the event loop."""

import asyncio
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from contracts.errors import ErrorKind, StoreError
from contracts.passages import EmbeddingRequest, EmbeddingResult, EmbeddingStamp
from embedding.port import Embedder, Vector, read_tokens
from lexical.weights import stamped
from retrieval.admission import Admission
from retrieval.metrics import EMBEDDING_SECONDS
from runtime import telemetry

TEXT_CHARACTERS = 8_000
SLICE_TEXTS = 8
"""Embedded without a break: a question in line behind a long request waits for one slice."""


class TextTooLong(StoreError):
    """A text is longer than the model would read anyway."""

    kind = ErrorKind.INVALID
    code = "text_too_long"


@dataclass(frozen=True)
class EmbeddedQuestion:
    """A question's vector. tokens: what the model reads of it. is_remembered: it was not asked."""

    vector: Vector
    tokens: int
    is_remembered: bool


class EmbeddingService:
    """The process's one embedder, used by one thread at a time."""

    def __init__(self, embedder: Embedder, admission: Admission, cached_questions: int) -> None:
        self._embedder = embedder
        self._stamp = stamped(embedder.stamp)
        self._admission = admission
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._cached_questions = cached_questions
        # Keyed by tenant as well: a fast answer must not tell what another tenant asked.
        self._questions: OrderedDict[tuple[str, str], EmbeddedQuestion] = OrderedDict()

    @property
    def stamp(self) -> EmbeddingStamp:
        """Which model in which version makes the vectors, and the words beside them."""
        return self._stamp

    async def question(self, tenant: str, text: str) -> EmbeddedQuestion:
        """A question's unit vector, remembered for a while."""
        key = (tenant, text)
        found = self._questions.pop(key, None)
        if found is None:
            [vector], tokens = await self._slice("question", [text])
            found = EmbeddedQuestion(vector, tokens, is_remembered=False)
        self._questions[key] = replace(found, is_remembered=True)
        while len(self._questions) > self._cached_questions:
            self._questions.popitem(last=False)
        return found

    async def embed(self, request: EmbeddingRequest) -> EmbeddingResult:
        """Unit vectors, in the order of the texts. Raises TextTooLong."""
        for position, text in enumerate(request.texts):
            if len(text) > TEXT_CHARACTERS:
                raise TextTooLong(
                    f"A text may have {TEXT_CHARACTERS} characters.", param=f"texts.{position}"
                )
        vectors: list[Vector] = []
        tokens = 0
        async with self._admission.turn():
            for start in range(0, len(request.texts), SLICE_TEXTS):
                texts = request.texts[start : start + SLICE_TEXTS]
                found, read = await self._slice(request.kind, texts)
                vectors += found
                tokens += read
        return EmbeddingResult(stamp=self.stamp, vectors=vectors, tokens=tokens)

    async def close(self) -> None:
        """Let the slice under way end."""
        await asyncio.to_thread(self._thread.shutdown)

    async def _slice(
        self, kind: Literal["question", "passage"], texts: list[str]
    ) -> tuple[list[Vector], int]:
        loop = asyncio.get_running_loop()
        with telemetry.span("embed", attributes={"stoa.texts": len(texts)}):
            started = time.perf_counter()
            found = await loop.run_in_executor(self._thread, self._embed, kind, texts)
            EMBEDDING_SECONDS.labels(kind).observe(time.perf_counter() - started)
        return found

    def _embed(
        self, kind: Literal["question", "passage"], texts: list[str]
    ) -> tuple[list[Vector], int]:
        """The vectors, and how many tokens the model read for them."""
        tokens = read_tokens(self._embedder, texts)
        if kind == "passage":
            return self._embedder.embed_passages(texts), tokens
        return [self._embedder.embed_question(text) for text in texts], tokens
