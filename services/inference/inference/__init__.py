"""Registry, health and routing of engines; an OpenAI-style upstream for the gateway."""
