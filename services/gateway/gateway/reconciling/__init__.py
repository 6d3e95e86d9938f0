"""The ledger held against the engines' counters and the conversations; what differs is an alarm."""
