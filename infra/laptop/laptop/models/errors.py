"""What keeps a model from being there."""


class ModelUnavailable(Exception):
    """A model could not be fetched, checked or converted. The message is for a person."""
