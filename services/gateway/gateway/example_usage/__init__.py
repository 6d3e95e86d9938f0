"""A month of usage to look at, for trial installations."""
