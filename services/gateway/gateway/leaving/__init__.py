"""The end of an account: an export of what is one's own, and the deletion of everything."""
