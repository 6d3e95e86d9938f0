"""Rules of accounts: what tokens look like, and what is kept of them."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from contracts.accounts import Scope
from gateway.accounts.errors import ExpiryPassed, NotAnOrigin

SESSION_PREFIX = "ses-stoa-"
KEY_PREFIX = "sk-stoa-"
PUBLISHABLE_PREFIX = "pk-stoa-"
VISIT_PREFIX = "vst-stoa-"
_SHOWN_CHARACTERS = 6

BINDABLE_SCOPES = frozenset({Scope.CHAT, Scope.INGEST, Scope.READ})
"""What a key of one assistant may be given. `manage` is not among them: it makes keys."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1"})
_DEFAULT_PORTS = {"https": 443, "http": 80}

CLAIM_PREFIX = "clm-stoa-"

# Writing the time of every call would make each read a write.
LAST_USED_STEP = timedelta(minutes=1)


def new_token(prefix: str) -> str:
    """256 random bits behind a prefix that says what they open."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token.

    Passwords need a slow hash because people choose them; a token has 256 random bits, which
    nobody finds by guessing, and it is looked up by its hash at every call.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def is_session_token(token: str) -> bool:
    """Sessions and keys come in the same header; their prefix tells them apart."""
    return token.startswith(SESSION_PREFIX)


def is_visit_token(token: str) -> bool:
    """So do those of guests."""
    return token.startswith(VISIT_PREFIX)


def is_publishable(token: str) -> bool:
    """So do keys that stand in web pages."""
    return token.startswith(PUBLISHABLE_PREFIX)


def shown_prefix(key: str) -> str:
    """The part of a key that is kept to recognise it by."""
    prefix = PUBLISHABLE_PREFIX if is_publishable(key) else KEY_PREFIX
    return key[: len(prefix) + _SHOWN_CHARACTERS]


def plain_email(email: str) -> str:
    """An e-mail address as it is stored and looked for."""
    return email.strip().lower()


def is_due(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether the last use of a key or session is old enough to be written again."""
    return last_used_at is None or last_used_at < now - LAST_USED_STEP


def expiry_of(seconds: int | None, now: datetime) -> datetime | None:
    """When something ends that is asked to; None: never. Raises ExpiryPassed."""
    if seconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ExpiryPassed("expires_at is not a date.", param="expires_at") from error
    if moment <= now:
        raise ExpiryPassed("expires_at has passed.", param="expires_at")
    return moment


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,30}")


def device_of(agent: str) -> str:
    """What a session is called in a list: `Firefox on Linux`, or a program's own first name."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    program = _PROGRAM.match(agent)
    return browser or system or (program[0] if program else "")


def plain_origins(given: Iterable[str]) -> list[str]:
    """Web sites as browsers name them in `Origin`. Raises NotAnOrigin."""
    return list(dict.fromkeys(_plain_origin(origin) for origin in given))


def _plain_origin(given: str) -> str:
    refused = NotAnOrigin(
        f"{given[:100]!r} is not a web site: write `https://host` or `https://host:port`, "
        "without a path. `http://` is for localhost only.",
        param="origins",
    )
    try:
        parts = urlsplit(given.strip().lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise refused from None
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    is_known_scheme = parts.scheme == "https" or (parts.scheme == "http" and host in _OWN_MACHINE)
    if has_more or not is_known_scheme or not _HOST.fullmatch(host):
        raise refused
    # Browsers leave the usual port out.
    shown_port = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown_port}"
