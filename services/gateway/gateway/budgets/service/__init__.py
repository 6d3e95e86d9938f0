"""What is done with budgets."""
