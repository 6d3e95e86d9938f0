"""The store's services, split by verb."""
