"""What people do with accounts, sessions and keys, split by verb."""
