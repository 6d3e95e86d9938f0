"""What administrators see: figures, cost, the ledger, and the audit trail."""
