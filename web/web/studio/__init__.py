"""Where builders make assistants and give them knowledge."""
