"""A conversation shown to others: snapshots behind links."""
