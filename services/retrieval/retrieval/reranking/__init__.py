"""Puts found passages in a better order with a model that reads question and passage together."""
