"""Index and search of passages; the only process that touches Qdrant."""
