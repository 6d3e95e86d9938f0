"""`python -m gateway.operator_session`: print a session of the operator, good for an hour.

For automation on the machine itself (`make seed`): whoever can run this can read the database
anyway. Nothing is printed while the installation is unclaimed.
"""

import asyncio
import sys
from datetime import timedelta

from gateway.accounts.service.claiming import ClaimService
from gateway.accounts.service.sessions import SessionParts, SessionService
from gateway.db import Database
from gateway.passwords import Passwords
from gateway.settings import Settings
from gateway.starting import settings_or_exit

LIFETIME = timedelta(hours=1)


async def operator_session(settings: Settings) -> str | None:
    """The token, or None when there is no operator yet."""
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    claims = ClaimService(SessionService(SessionParts(database, Passwords(), settings.sessions)))
    try:
        return await claims.lend_operator(LIFETIME)
    finally:
        await database.close()


def main() -> None:
    """Print the token on standard output."""
    token = asyncio.run(operator_session(settings_or_exit("gateway.operator_session")))
    if token is not None:
        sys.stdout.write(token + "\n")


if __name__ == "__main__":
    main()
