"""One assistant's files and its description."""
