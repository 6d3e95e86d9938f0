"""The record of who was refused what, and of every administrative act."""
