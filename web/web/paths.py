"""Where web's own files lie, and what may stand for an id in an address."""

from pathlib import Path
from typing import Annotated

from fastapi import Path as InPath

TEMPLATES = Path(__file__).parent / "templates"

ID_PATTERN = r"^[A-Za-z0-9_-]{1,100}$"
Id = Annotated[str, InPath(pattern=ID_PATTERN)]
"""Ids go on into the gateway's paths, so nothing else than an id may."""
