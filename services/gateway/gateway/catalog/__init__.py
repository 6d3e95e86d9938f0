"""The store: listings of public assistants, their ratings, and in which order they come."""
