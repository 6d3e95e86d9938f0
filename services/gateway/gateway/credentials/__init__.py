"""How a member's address is confirmed and changed, and a password changed or set anew."""
