"""Typed HTTP clients, one per service border."""
