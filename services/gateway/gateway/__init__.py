"""The public REST API; owns PostgreSQL and the blobs."""
