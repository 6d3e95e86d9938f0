"""How a process runs: app, wiring by type, problems, service auth, logs, background tasks."""
