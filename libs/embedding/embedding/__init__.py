"""The embedder port and its adapters: the only place that knows sentence-transformers."""
