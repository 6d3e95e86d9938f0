"""Who is counted, against how many answers a day."""

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.caller import Caller
from gateway.guessing.rules import network_of
from gateway.settings import GuestLimits

_SHOWN_DIGITS = 32


@dataclass(frozen=True)
class Bound:
    """Who may have at most so many answers on a day."""

    subject: str
    most: int


def bounds_of_guest(caller: Caller, limits: GuestLimits, key: bytes, day: date) -> list[Bound]:
    """Everything a guest's answer counts against: the guest, their network, the door, everybody.

    Always in this order: so do transactions lock them. Nobody but a guest has any.
    """
    stay = caller.stay
    if stay is None:
        return []
    network = hashed_network(caller.address, key, day)
    bounds = [Bound(f"network:{network}", limits.address_answers_a_day)]
    if stay.visit_id is not None:
        own = min(limits.answers_a_day, stay.visitor_answers or limits.answers_a_day)
        bounds.insert(0, Bound(f"guest:{caller.member_id}", own))
    if stay.visitor_answers is not None:
        # A guest who forgets their visit is the same visitor to the door.
        bounds.append(Bound(f"network:{stay.door_id}:{network}", stay.visitor_answers))
    if stay.answers is not None:
        bounds.append(Bound(f"door:{stay.door_id}", stay.answers))
    return [*bounds, Bound("all", limits.all_answers_a_day)]


def hashed_network(address: str, key: bytes, day: date) -> str:
    """A network address for one day: on another it is another word, and none leads back."""
    said = f"{day.isoformat()} {network_of(address)}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:_SHOWN_DIGITS]


def day_of(now: datetime) -> date:
    """The day of a moment, as allowances count it: everywhere that of UTC."""
    return now.astimezone(UTC).date()


def seconds_to_tomorrow(now: datetime) -> int:
    """How long until there are answers again."""
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), time(), UTC)
    return max(1, math.ceil((tomorrow - now).total_seconds()))


def left_of(bounds: Sequence[Bound], given: dict[str, int]) -> int:
    """How many answers there still are, by the tightest bound. given: by subject."""
    return min((max(0, each.most - given.get(each.subject, 0)) for each in bounds), default=0)
