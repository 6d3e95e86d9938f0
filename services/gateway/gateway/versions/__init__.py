"""Versions of assistants: shown, compared, noted on, and brought back into the draft."""
