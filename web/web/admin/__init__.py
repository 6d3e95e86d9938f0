"""What administrators see: usage and the ledger."""
