"""Recording acts and refusals, and reading the record."""
