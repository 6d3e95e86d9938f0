"""A question becomes an answer: search, read, plan, write, cite, settle."""
