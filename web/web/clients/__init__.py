"""The gateway as web calls it: one typed client per resource, over one connection pool."""
