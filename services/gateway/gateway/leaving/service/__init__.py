"""Exporting and deleting an account, split by verb."""
