"""What builders look at while they build: a test search, sizes, statistics."""
