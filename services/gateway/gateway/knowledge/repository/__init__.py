"""Queries on knowledge, one module a noun."""
