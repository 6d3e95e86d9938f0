"""Ranking, search and likeness of listings. Pure."""
