"""Workspaces: which one somebody works in, and making, naming and leaving them."""
