"""Messages that leave with a commit, and the relay that sends them."""
