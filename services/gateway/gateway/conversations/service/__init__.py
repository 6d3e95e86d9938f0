"""Conversations, turns, and the writing of answers."""
