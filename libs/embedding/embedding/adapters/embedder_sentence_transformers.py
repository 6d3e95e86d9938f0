"""The embedder of production: a sentence-transformers folder on its ONNX backend, on the CPU."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from contracts.passages import EmbeddingStamp
from embedding.batches import batches_by_length
from embedding.port import Span, Vector
from embedding.stamps import read_stamp, stamp_of_foreign_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

END_MARKS = 2  # <s> and </s>
DEFAULT_BATCH_TOKENS = 2_048


class SentenceTransformersEmbedder:
    """Loads on construction (about ten seconds, most of them torch's import) and never asks a hub.

    threads: of ONNX Runtime and of torch. batch_tokens: bounds the memory of one batch.
    """

    def __init__(
        self, folder: Path, *, threads: int = 1, batch_tokens: int = DEFAULT_BATCH_TOKENS
    ) -> None:
        self._batch_tokens = batch_tokens
        # Tokenizers refuse to be used twice at once, and two encodings at once gain nothing.
        self._lock = Lock()
        self._model = _load(folder, threads)
        prompts = self._model.prompts
        self._question_prefix = prompts.get("query") or ""
        self._passage_prefix = prompts.get("document") or prompts.get("passage") or ""
        self._stamp = read_stamp(folder) or stamp_of_foreign_folder(
            folder, folder.name, self._model.get_embedding_dimension() or 0
        )
        (prefix_tokens,) = self.count_tokens([self._passage_prefix])
        self._around_tokens = END_MARKS + prefix_tokens
        self._limit_tokens = (self._model.max_seq_length or 512) - self._around_tokens

    @property
    def stamp(self) -> EmbeddingStamp:
        return self._stamp

    @property
    def passage_limit_tokens(self) -> int:
        return self._limit_tokens

    def embed_passages(self, texts: list[str]) -> list[Vector]:
        counts = self.count_tokens(texts)
        lengths = [min(count, self._limit_tokens) + self._around_tokens for count in counts]
        vectors: list[Vector] = [[] for _ in texts]
        for batch in batches_by_length(lengths, self._batch_tokens):
            found = self._encode([texts[position] for position in batch], self._passage_prefix)
            for position, vector in zip(batch, found, strict=True):
                vectors[position] = vector
        return vectors

    def embed_question(self, text: str) -> Vector:
        return self._encode([text], self._question_prefix)[0]

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [len(ids) for ids in self._tokenised(texts)["input_ids"]] if texts else []

    def token_spans(self, text: str) -> list[Span]:
        spans = self._tokenised([text], return_offsets_mapping=True)["offset_mapping"][0]
        return [(start, end) for start, end in spans]

    def _tokenised(self, texts: list[str], **options: bool) -> dict[str, Any]:
        with self._lock:
            # verbose: a document longer than the model's window is no reason for a warning here.
            tokens = self._model.tokenizer(
                texts, add_special_tokens=False, truncation=False, verbose=False, **options
            )
        return cast(dict[str, Any], tokens)

    def _encode(self, texts: list[str], prefix: str) -> list[Vector]:
        with self._lock:
            found = self._model.encode(
                texts,
                prompt=prefix,
                batch_size=len(texts),
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return cast(list[Vector], found.tolist())


def _load(folder: Path, threads: int) -> "SentenceTransformer":
    import onnxruntime  # type: ignore[import-untyped]
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait would take the cores llama.cpp generates on.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model: SentenceTransformer = SentenceTransformer(
        str(folder),
        backend="onnx",
        device="cpu",
        local_files_only=True,
        model_kwargs={
            "session_options": options,
            "provider": "CPUExecutionProvider",
        },
    )
    return model
