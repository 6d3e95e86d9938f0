"""Keeping the store in order: reports, their judgement, take-downs, and what is featured."""
