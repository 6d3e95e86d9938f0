"""Which settings are shown, and how."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from pydantic import BaseModel

from contracts.in_force import SettingView
from gateway.settings import Settings

SHOWN = (
    "sign_up",
    "default_model",
    "web_url",
    "public_url",
    "export_bytes",
    "mail.host",
    "mail.port",
    "mail.security",
    "mail.sender",
    "sessions",
    "guesses",
    "guests",
    "limits",
    "knowledge",
    "conversations",
    "replies",
    "money",
    "search_prices",
    "reconciling",
    "idempotency",
    "audit",
)
"""Named one by one, so that a new secret, path or inner address is not shown by accident."""

_PREFIX = "GATEWAY_"


def in_force(settings: Settings) -> list[SettingView]:
    """Every setting that is shown."""
    found: list[SettingView] = []
    for shown in SHOWN:
        group, _, name = shown.rpartition(".")
        holder: BaseModel = getattr(settings, group) if group else settings
        value = getattr(holder, name)
        if isinstance(value, BaseModel):
            found += _group(name, value)
        else:
            found.append(_view(group, name, holder))
    return found


def _group(group: str, holder: BaseModel) -> Iterator[SettingView]:
    for name in type(holder).model_fields:
        yield _view(group, name, holder)


def _view(group: str, name: str, holder: BaseModel) -> SettingView:
    value, default = getattr(holder, name), type(holder).model_fields[name].default
    path = f"{group}__{name}" if group else name
    return SettingView(
        name=_PREFIX + path.upper(),
        group=group,
        value=_written(value),
        default=_written(default),
        is_default=value == default,
    )


def _written(value: Any) -> str:
    if value is None:
        return ""
    return str(value.value) if isinstance(value, Enum) else str(value)
