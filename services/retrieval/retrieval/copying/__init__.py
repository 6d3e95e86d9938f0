"""The embedded index as one file: taken while it serves, put back while nothing runs."""
