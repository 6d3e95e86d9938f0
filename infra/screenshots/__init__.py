"""`make screenshots`: the pictures of README and docs, of a Stoa that lives for a minute."""
