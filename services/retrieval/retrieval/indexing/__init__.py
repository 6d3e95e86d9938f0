"""Writes to the index: put, reveal, count, purge."""
