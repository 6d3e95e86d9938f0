"""Policy's own rows, and the table of rules as conditions of a query."""
