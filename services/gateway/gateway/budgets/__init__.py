"""How much may be spent in a day or a month, by whom and through what; and what has been."""
