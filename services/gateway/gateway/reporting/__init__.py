"""What the ledger adds up to: roll-ups, usage, statistics, and its rows as people read them."""
