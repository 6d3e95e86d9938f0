"""What operators and workspace admins see."""
