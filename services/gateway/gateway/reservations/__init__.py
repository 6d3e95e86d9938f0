"""Money held for model calls under way: reserved before, settled after, exactly once."""
