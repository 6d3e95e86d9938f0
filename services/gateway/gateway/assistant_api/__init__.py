"""One assistant as an API of its own: its address, its files, its description."""
