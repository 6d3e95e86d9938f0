"""Token counts, as the engines count."""
