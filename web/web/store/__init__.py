"""The home page: the assistants one may talk to."""
