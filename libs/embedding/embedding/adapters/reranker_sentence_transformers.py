"""A reranker out of a local folder: a sentence-transformers CrossEncoder on the CPU."""

from pathlib import Path

import torch
from sentence_transformers import CrossEncoder

MOST_TOKENS = 512
BATCH_TEXTS = 8


class CrossEncoderReranker:
    """Loads on construction and never asks a hub.

    threads: of torch, which the process has to itself but for the embedder. Raises what the library
    raises when the folder holds no model.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        torch.set_num_threads(threads)
        self.model_id = folder.resolve().name
        self._model = CrossEncoder(
            str(folder), device="cpu", max_length=MOST_TOKENS, local_files_only=True
        )

    def count_tokens(self, question: str, texts: list[str]) -> int:
        """See Reranker."""
        tokens = self._model.tokenizer(
            [question] * len(texts), texts, truncation="longest_first", max_length=MOST_TOKENS
        )
        return sum(len(ids) for ids in tokens["input_ids"])

    def scores(self, question: str, texts: list[str]) -> list[float]:
        """See Reranker."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, batch_size=BATCH_TEXTS, show_progress_bar=False)
        return [float(score) for score in found]
