"""Confirming an address: that of a new account, or the one an account is to have."""

from contracts.credentials import Confirmed, LetterUnderWay
from gateway.accounts.repository import AccountRepository
from gateway.accounts.service.sessions import SessionService
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.credentials.errors import AddressTaken, NothingToConfirm
from gateway.credentials.rules import Purpose, purpose_of
from gateway.credentials.service.tickets import new_ticket, refused, used_ticket
from gateway.db import Transaction
from gateway.guessing.rules import Attempt
from gateway.letters.rules import Occasion
from gateway.letters.service import LetterService
from gateway.visit import Visit


class ConfirmationService:
    """Follows the links of letters that say whose an address is."""

    def __init__(self, sessions: SessionService, letters: LetterService) -> None:
        self._sessions = sessions
        self._letters = letters
        self._database = sessions.parts.database
        self._clock = sessions.parts.clock

    async def confirm(self, token: str, visit: Visit) -> Confirmed:
        """Use a link up. Raises TicketRefused or AddressTaken."""
        purpose = purpose_of(token)
        guess = self._sessions.guesses.attempt(Attempt("link", visit.address))
        async with guess, self._database.transaction() as tx:
            if purpose is Purpose.CONFIRM:
                return await self._confirmed(tx, token)
            if purpose is not Purpose.NEW_ADDRESS:
                raise refused()
            confirmed, old = await self._moved(tx, token)
        self._letters.beside(
            lambda: self._letters.send(Occasion.ADDRESS_CHANGED, old, visit.language),
            "address changed",
        )
        return confirmed

    async def resend(self, caller: Caller, visit: Visit) -> LetterUnderWay:
        """Send the letter of a new account once more; its former link dies."""
        await self._sessions.guesses.letter(visit.address, caller.email)
        async with self._database.transaction() as tx:
            member = await AccountRepository(tx).member(caller.member_id)
            if member is None or member.pending_since is None:
                raise NothingToConfirm("Your address is confirmed already.")
            link = await new_ticket(tx, Purpose.CONFIRM, member.id, member.email, self._clock)
        address = self._letters.page(link)
        self._letters.beside(
            lambda: self._letters.send(Occasion.CONFIRM, caller.email, visit.language, address),
            "confirmation",
        )
        return LetterUnderWay()

    async def _confirmed(self, tx: Transaction, token: str) -> Confirmed:
        ticket = await used_ticket(tx, token, Purpose.CONFIRM, self._clock)
        member = await AccountRepository(tx).member(ticket.member_id, for_update=True)
        if member is None or member.email != ticket.email:
            raise refused()
        member.pending_since = None
        Acts(tx).record_member(Act.ACCOUNT_CONFIRMED, member.id, member.id, None)
        return Confirmed(email=member.email)

    async def _moved(self, tx: Transaction, token: str) -> tuple[Confirmed, str]:
        ticket = await used_ticket(tx, token, Purpose.NEW_ADDRESS, self._clock)
        repository = AccountRepository(tx)
        await repository.lock_email(ticket.email)
        member = await repository.member(ticket.member_id, for_update=True)
        if member is None or member.suspended_at is not None:
            raise refused()
        if await repository.member_of_email(ticket.email) is not None:
            raise AddressTaken("This address belongs to another account by now.")
        old, member.email = member.email, ticket.email
        Acts(tx).record_member(Act.EMAIL_CHANGED, member.id, member.id, None)
        return Confirmed(email=member.email), old
