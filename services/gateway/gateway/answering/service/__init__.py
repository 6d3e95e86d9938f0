"""Answers in the making, what writes them down, and the models they come from."""
