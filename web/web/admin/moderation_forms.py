"""What moderators send: a judgement, a reason, and the order of the first shelf."""

import re
from typing import Literal

from contracts.errors import ErrorKind, StoreError
from contracts.moderation import MOST_FEATURED, REPORT_CHARACTERS, CaseClose
from web.forms import Submitted
from web.paths import ID_PATTERN

_OUTCOMES: tuple[Literal["dismissed", "taken_down"], ...] = ("dismissed", "taken_down")


class JudgementUnfit(StoreError):
    """No judgement, no reason where one is needed, or more words than are read."""

    kind = ErrorKind.INVALID
    code = "judgement_unfit"


class ShelfUnfit(StoreError):
    """The form names no listing, or more than the shelf holds."""

    kind = ErrorKind.INVALID
    code = "shelf_unfit"


def verdict_in(form: Submitted) -> CaseClose:
    """Raises JudgementUnfit."""
    outcome = next((each for each in _OUTCOMES if each == form.text("outcome")), None)
    if outcome is None:
        raise JudgementUnfit("Choose what is to be done.")
    words = reason_in(form) if outcome == "taken_down" else _words_in(form)
    return CaseClose(outcome=outcome, words=words)


def reason_in(form: Submitted) -> str:
    """Raises JudgementUnfit."""
    words = _words_in(form)
    if not words:
        raise JudgementUnfit("Say why: the builders read it.")
    return words


def _words_in(form: Submitted) -> str:
    words = form.text("words")
    if len(words) > REPORT_CHARACTERS:
        raise JudgementUnfit("A reason may have 2,000 characters.")
    return words


def shelf_in(form: Submitted) -> list[str]:
    """The order that the form asks for: what was shown, with one act done to it. Raises
    ShelfUnfit."""
    order = list(dict.fromkeys(form.lines("slug")))
    act, _, slug = form.text("act").partition(":")
    if act == "add":
        # Whoever copies the address of a listing's page means that listing.
        slug = form.text("new").rstrip("/").rpartition("/")[2]
        order = [each for each in order if each != slug] + [slug]
    elif act == "remove":
        order = [each for each in order if each != slug]
    elif act in ("up", "down") and slug in order:
        _move(order, slug, -1 if act == "up" else 1)
    if len(order) > MOST_FEATURED:
        raise ShelfUnfit("The shelf holds eight listings.")
    if not all(re.fullmatch(ID_PATTERN, each) for each in order):
        raise ShelfUnfit("Give the name of a listing as it stands in its address.")
    return order


def _move(order: list[str], slug: str, by: int) -> None:
    begin = order.index(slug)
    end = min(max(begin + by, 0), len(order) - 1)
    order[begin], order[end] = order[end], order[begin]
