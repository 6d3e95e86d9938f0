"""How many answers a day those get who pay for none: guests, by whatever door."""
