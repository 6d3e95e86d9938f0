"""What people do with assistants, split by verb."""
