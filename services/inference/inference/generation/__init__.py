"""Answers from engines, streamed."""
