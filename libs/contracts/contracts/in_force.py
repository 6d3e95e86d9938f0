"""The settings an installation runs with, as its operators see them."""

from typing import Literal

from pydantic import BaseModel


class SettingView(BaseModel):
    """A setting in force. name: its environment variable. default: empty for none."""

    object: Literal["setting"] = "setting"
    name: str
    group: str
    """What it belongs to: the middle of its name, as `sessions`; empty for the others."""
    value: str
    default: str
    is_default: bool


class SettingViews(BaseModel):
    """All of them, in the order of the description of settings."""

    object: Literal["list"] = "list"
    data: list[SettingView]
