"""Links to snapshots: made, listed, revoked, and opened."""
