"""Text that a page's own style keeps from its reader, and that would only speak to a model.

Only what an element says of itself is read; style sheets are not. In doubt a text is kept.
"""

from itertools import islice
from typing import Any

_HIDING = frozenset((
    ("display", "none"), ("visibility", "hidden"), ("visibility", "collapse"),
    ("content-visibility", "hidden"), ("color", "transparent"),
))  # fmt: skip
_OF_NO_SIZE = ("font-size", "opacity")
_WHITE = frozenset(("white", "#fff", "#ffffff", "rgb(255,255,255)", "hsl(0,0%,100%)"))
_FAR_AWAY_PIXELS = 2_000
_MOST_ANCESTORS = 50

Element = Any


def is_hidden_by_style(element: Element) -> bool:
    """Whether its own style makes it invisible."""
    style = declared(element.get("style"))
    if not style:
        return False
    return (
        not _HIDING.isdisjoint(style.items())
        or any(_is_nothing(style.get(name, "1")) for name in _OF_NO_SIZE)
        or _is_far_away(style)
        or _is_unreadable(element, style)
    )


def declared(style: str | None) -> dict[str, str]:
    """property -> value, in small letters, without blanks."""
    parts = (part.partition(":") for part in (style or "").lower().split(";"))
    values = ((name.strip(), "".join(value.split())) for name, _, value in parts)
    return {name: value.removesuffix("!important") for name, value in values if value}


def _is_nothing(value: str) -> bool:
    number = value.rstrip("abcdefghijklmnopqrstuvwxyz%")
    return number.replace(".", "").strip("0") == "" and number != ""


def _is_far_away(style: dict[str, str]) -> bool:
    places = (style.get(name, "") for name in ("left", "top", "text-indent", "margin-left"))
    return any(
        place.startswith("-")
        and place[1:].removesuffix("px").isdecimal()
        and int(place[1:].removesuffix("px")[:9]) >= _FAR_AWAY_PIXELS
        for place in places
    )


def _is_unreadable(element: Element, style: dict[str, str]) -> bool:
    """Written in the colour of what it stands on; a page that says nothing is white."""
    colour = style.get("color")
    if colour is None:
        return False
    around = [element, *islice(element.iterancestors(), _MOST_ANCESTORS)]
    for each in around:
        ground = _ground(each)
        if ground is not None:
            return ground == colour or (ground in _WHITE and colour in _WHITE)
    return colour in _WHITE and len(around) <= _MOST_ANCESTORS


def _ground(element: Element) -> str | None:
    """The colour behind an element, as far as it says; "" where a style sheet may say."""
    style = declared(element.get("style"))
    found = style.get("background-color") or style.get("background") or element.get("bgcolor")
    if found is None and (element.get("class") or element.get("id") or element.get("background")):
        return ""
    return None if found is None else found.lower()
