"""What people do with grants."""
