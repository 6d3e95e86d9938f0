"""What links are called, and how many there may be."""

LINK_PREFIX = "lnk-stoa-"
MOST_LINKS = 20
"""Of one assistant at once."""
