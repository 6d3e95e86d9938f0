"""What people and workers do with knowledge, split by verb."""
