"""Conversations, turns, the context planner and citations."""
