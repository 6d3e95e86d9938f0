"""What people do with workspaces and their members, split by verb."""
