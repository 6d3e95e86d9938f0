"""Members, workspaces, sessions, keys and the one-time claim of the installation."""
