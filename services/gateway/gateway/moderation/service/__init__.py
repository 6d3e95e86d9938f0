"""Reporting, judging, answering a take-down, and choosing what is featured."""
