"""Tickets: made inside a transaction, sent after it, used once."""

from contracts.ids import new_id
from gateway.accounts.rules import new_token, token_hash
from gateway.clock import Clock
from gateway.credentials.errors import TicketRefused
from gateway.credentials.repository import TicketRepository
from gateway.credentials.rules import PAGE_OF, PREFIX_OF, TICKET_LIFETIME, Purpose
from gateway.credentials.tables import Ticket
from gateway.db import Transaction

_REFUSED = "This link does not work any more: it was used, or its hour is over. Ask for a new one."


async def new_ticket(
    tx: Transaction, purpose: Purpose, member_id: str, email: str, clock: Clock
) -> str:
    """The page and query of a fresh link, which voids the former ones of its purpose."""
    now, token = clock(), new_token(PREFIX_OF[purpose])
    repository = TicketRepository(tx)
    await repository.void(member_id, now, purpose)
    repository.add(
        Ticket(
            id=new_id("tkt_"),
            purpose=purpose.value,
            token_hash=token_hash(token),
            member_id=member_id,
            email=email,
            expires_at=now + TICKET_LIFETIME,
            created_at=now,
        )
    )
    return f"{PAGE_OF[purpose]}?token={token}"


async def check_open(tx: Transaction, token: str, purpose: Purpose, clock: Clock) -> None:
    """Raises TicketRefused unless the token could be used now."""
    if not await TicketRepository(tx).is_open(token_hash(token), purpose, clock()):
        raise refused()


async def used_ticket(tx: Transaction, token: str, purpose: Purpose, clock: Clock) -> Ticket:
    """The ticket of a token, used up. Raises TicketRefused."""
    ticket = await TicketRepository(tx).use(token_hash(token), purpose, clock())
    if ticket is None:
        raise refused()
    return ticket


def refused() -> TicketRefused:
    """The one answer to whatever is wrong with a link."""
    return TicketRefused(_REFUSED, param="token")
