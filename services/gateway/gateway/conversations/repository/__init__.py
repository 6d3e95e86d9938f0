"""Conversations, their branches and folders, and turns, inside transactions."""
