"""Which engine serves which model, at what price, and whether it is well."""
