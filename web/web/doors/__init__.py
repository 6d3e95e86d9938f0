"""Rooms for people without an account: by the assistant's own address, a link or a widget."""
