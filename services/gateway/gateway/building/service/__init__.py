"""What builders look at: one module for each."""
