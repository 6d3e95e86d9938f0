"""Roll-ups and ledger rows in SQL."""
