"""The few settings that are read before pydantic is installed."""

import os
from pathlib import Path


def chat_model() -> str | None:
    """`STOA_CHAT_MODEL`. None: the machine decides."""
    return os.environ.get("STOA_CHAT_MODEL") or None  # noqa: TID251 - this is a settings module


def environment_with_path(folder: Path) -> dict[str, str]:
    """The caller's environment, in which Python finds the packages of `folder`."""
    return {**os.environ, "PYTHONPATH": str(folder)}  # noqa: TID251 - this is a settings module
