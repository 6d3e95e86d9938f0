"""The append-only ledger of model calls, and prices."""
