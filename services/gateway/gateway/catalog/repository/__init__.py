"""Listings, ratings and what is counted of them, in PostgreSQL."""
