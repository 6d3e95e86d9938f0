"""Assistants as bundles: one archive with definition, versions and files, out and in again."""
