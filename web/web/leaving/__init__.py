"""The page that shows an address of another site before it is opened."""
