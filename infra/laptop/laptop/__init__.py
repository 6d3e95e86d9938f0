"""The launcher: one command from a bare machine to a running Stoa."""
