"""What people do with addresses and passwords, split by verb."""
