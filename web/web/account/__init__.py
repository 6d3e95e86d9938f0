"""Claim the installation, sign in and out, see the own account, choose a language."""
