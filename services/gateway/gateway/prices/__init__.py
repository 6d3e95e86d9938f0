"""What models cost from when on, and the ledger rows of the calls that search needs."""
