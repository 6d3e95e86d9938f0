"""Who is in a workspace, and the invites by which people come in."""
