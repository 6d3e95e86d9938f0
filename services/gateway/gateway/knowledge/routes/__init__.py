"""Knowledge over HTTP, one module a noun."""
