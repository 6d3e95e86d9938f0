"""How much may be asked for in a minute, and what is left of it."""
