"""OpenAI-compatible chat completions and models."""
