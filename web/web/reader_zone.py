"""Where a reader's days begin and end: the zone they chose, UTC until then."""

from zoneinfo import ZoneInfo, available_timezones

from fastapi import Request

from web.cookies import Cookies

UTC = "UTC"
KNOWN = frozenset(available_timezones())


def zone_of(request: Request, cookies: Cookies) -> ZoneInfo:
    """Where the reader's days begin and end."""
    chosen = cookies.zone(request)
    return ZoneInfo(chosen if chosen in KNOWN else UTC)
