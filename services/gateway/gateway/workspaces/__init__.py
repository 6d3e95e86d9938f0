"""Workspaces: made, named, worked in and left, and who may do what in them."""
