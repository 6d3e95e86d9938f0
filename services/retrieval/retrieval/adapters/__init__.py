"""Vector stores: Qdrant's engine in this process, and a Qdrant server."""
