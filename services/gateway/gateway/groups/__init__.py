"""Groups of members, and whom one can share with at all."""
