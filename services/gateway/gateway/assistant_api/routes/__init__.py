"""One assistant over HTTP, one module a noun."""
