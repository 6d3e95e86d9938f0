"""How often somebody may be wrong about a password or a code."""
