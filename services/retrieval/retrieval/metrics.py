"""What retrieval measures."""

from runtime.metrics import QUICK_SECONDS, MetricSheet

_sheet = MetricSheet("retrieval")

SEARCH_SECONDS = _sheet.histogram(
    "stoa_search_seconds",
    "One search: waiting for a turn, embedding the question, asking the index.",
    buckets=QUICK_SECONDS,
)
EMBEDDING_SECONDS = _sheet.histogram(
    "stoa_embedding_seconds",
    "One slice of texts in the embedding model, the wait for its thread included.",
    "kind",
    buckets=QUICK_SECONDS,
)
PASSAGES_INDEXED = _sheet.counter(
    "stoa_passages_indexed_total", "Passages written to the index; repeats count again."
)
TURNS = _sheet.gauge("stoa_retrieval_turns", "Calls that run or wait for their turn.", "line")
