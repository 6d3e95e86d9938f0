"""Which calls a page is about: read from its address, written back into its links."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

PERIODS = ("today", "7d", "30d", "month", "all")
GROUPS = ("day", "member", "assistant", "model", "key")
STATUSES = ("complete", "cancelled", "failed")
OF_SUMS = ("workspace", "member", "assistant", "model", "key")
NARROWING = (*OF_SUMS, "conversation", "status", "purpose")
"""What calls are told apart by, in the order their chips stand in."""
_DAY = timedelta(days=1)
_VALUE = re.compile(r"[\x21-\x7e]{1,300}")


@dataclass(frozen=True)
class Filters:
    """A period, and what calls of it are meant. since, until: days of the zone, the last one in."""

    zone: ZoneInfo
    period: str
    since: date | None
    until: date | None
    by: str
    narrow: Mapping[str, str]

    @classmethod
    def read(
        cls, query: QueryParams, zone: ZoneInfo, now: datetime, default: str = "30d"
    ) -> "Filters":
        """What the address says; what makes no sense there is left out."""
        since, until = _date(query.get("from", "")), _date(query.get("to", ""))
        period = query.get("period", "")
        by = query.get("by", "")
        if since is None and until is None:
            period = period if period in PERIODS else default
            since = _since(period, now.astimezone(zone).date())
        else:
            period = ""
        narrow = {name: query[name] for name in NARROWING if _VALUE.fullmatch(query.get(name, ""))}
        if narrow.get("status") not in STATUSES:
            narrow.pop("status", None)
        return cls(zone, period, since, until, by if by in GROUPS else "day", narrow)

    def asked(self, names: tuple[str, ...] = NARROWING) -> dict[str, str]:
        """The question for the gateway."""
        found = {"zone": self.zone.key}
        if self.since is not None:
            found["from"] = self.since.isoformat()
        if self.until is not None:
            found["to"] = (self.until + _DAY).isoformat()
        return found | {name: value for name, value in self.narrow.items() if name in names}

    def query(self, **changes: str) -> str:
        """The same as an address's query, with some of it another; `` takes it out."""
        shown = {"period": self.period} if self.period else self._dates()
        if "from" in changes or "period" in changes:
            shown = {}
        wanted = shown | {"by": self.by} | dict(self.narrow) | changes
        return urlencode({name: value for name, value in wanted.items() if value})

    def of_day(self, iso_date: str) -> str:
        """The query for the calls of one day."""
        return self.query(**{"by": "", "from": iso_date, "to": iso_date})

    def without(self, *names: str) -> "Filters":
        """The same, less narrow."""
        kept = {name: value for name, value in self.narrow.items() if name not in names}
        return replace(self, narrow=kept)

    @property
    def is_of_everything(self) -> bool:
        """All calls of the period, of everywhere or of one workspace."""
        return not set(self.narrow) - {"workspace"}

    def without_what_sums_lack(self) -> "Filters":
        """The same, as far as sums know it."""
        kept = {name: value for name, value in self.narrow.items() if name in OF_SUMS}
        return replace(self, narrow=kept)

    def _dates(self) -> dict[str, str]:
        ends = {"from": self.since, "to": self.until}
        return {name: day.isoformat() for name, day in ends.items() if day is not None}


def _since(period: str, today: date) -> date | None:
    if period == "month":
        return today.replace(day=1)
    days = {"today": 1, "7d": 7, "30d": 30}.get(period)
    return None if days is None else today - (days - 1) * _DAY


def _date(given: str) -> date | None:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        return None
    return found if 1971 <= found.year < 2999 else None
