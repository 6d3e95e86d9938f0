"""Why seeding stopped: each message is one sentence for the person at the terminal."""


class CannotSeed(Exception):
    """Something a person can do something about; running the seeder again goes on from here."""
