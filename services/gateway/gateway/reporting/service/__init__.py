"""The collector of roll-ups, and what reads them."""
