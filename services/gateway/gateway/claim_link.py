"""`python -m gateway.claim_link`: print the one-time link to the operator's account, if one is due.

Each run makes a new link and voids the former. Nothing is printed when there is an operator.
"""

import asyncio
import sys

from gateway.accounts.service.claiming import ClaimService
from gateway.accounts.service.sessions import SessionParts, SessionService
from gateway.db import Database
from gateway.passwords import Passwords
from gateway.settings import Settings
from gateway.starting import settings_or_exit


async def claim_link(settings: Settings) -> str | None:
    """The link, or None when the installation is claimed (or its settings name the operator)."""
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    claims = ClaimService(SessionService(SessionParts(database, Passwords(), settings.sessions)))
    try:
        await claims.ensure_operator(settings.admin)
        token = await claims.new_link_token()
    finally:
        await database.close()
    return None if token is None else f"{settings.web_url.rstrip('/')}/claim?token={token}"


def main() -> None:
    """Print the link on standard output."""
    link = asyncio.run(claim_link(settings_or_exit("gateway.claim_link")))
    if link is not None:
        sys.stdout.write(link + "\n")


if __name__ == "__main__":
    main()
