"""What people do with versions."""
