"""Texts to vectors, by the model the index is built with."""
