"""The public REST API; owns PostgreSQL and the blobs."""

VERSION = "0.1.0"
