"""Assistants: a draft that builders edit, versions that people use."""
