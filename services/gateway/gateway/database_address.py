"""The database's address: taken apart for PostgreSQL's own tools, and named when it fails."""

from asyncpg import PostgresError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

_PORT = 5432
_FACTS = {
    "28P01": "refuses the password of {user}",
    "28000": "refuses {user}",
    "3D000": "has no database {database}",
    "53300": "has no connection left",
    "57P03": "is starting or stopping",
    "42501": "does not let {user} do this",
}


def why_unreachable(database_url: str, error: Exception) -> str:
    """One sentence about a database that cannot be used. No password, no SQL."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        return "GATEWAY_DATABASE_URL is no address: it looks like postgresql+asyncpg://user@host/db"
    where = f"the database at {url.host}:{url.port or _PORT}"
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = getattr(cause, "sqlstate", None)
    if state in _FACTS:
        fact = _FACTS[state].format(user=url.username, database=url.database)
        return f"{where} {fact} (GATEWAY_DATABASE_URL)"
    if isinstance(cause, PostgresError) or state:
        return f"{where} refused (SQLSTATE {state})"
    return f"{where} does not answer (GATEWAY_DATABASE_URL)"


def tool_environment(database_url: str) -> dict[str, str]:
    """What PostgreSQL's own tools need to reach it; a password never stands on a command line."""
    url = make_url(database_url)
    found = {
        "PGHOST": url.host,
        "PGPORT": str(url.port or _PORT),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": _ssl_mode(url),
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "stoa-backup",
    }
    return {name: value for name, value in found.items() if value}


def _ssl_mode(url: URL) -> str:
    # asyncpg writes `ssl=require` where the tools say `sslmode`.
    given = url.query.get("ssl") or url.query.get("sslmode") or ""
    return given if isinstance(given, str) else given[0]
