"""Links made and revoked, doors looked at, visits begun, used and ended."""
