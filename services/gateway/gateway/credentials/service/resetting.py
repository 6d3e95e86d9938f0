"""A new password for somebody who has lost the old one, by a link in a letter."""

from pydantic import SecretStr

from contracts.credentials import LetterUnderWay, PasswordReset, PasswordWasReset
from gateway.accounts.repository import AccountRepository
from gateway.accounts.rules import plain_email
from gateway.accounts.service.sessions import SessionService
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.credentials.repository import TicketRepository
from gateway.credentials.rules import Purpose
from gateway.credentials.service.tickets import check_open, new_ticket, refused, used_ticket
from gateway.guessing.rules import Attempt
from gateway.letters.rules import Occasion
from gateway.letters.service import LetterService
from gateway.password_rules import check_password
from gateway.visit import Visit


class ResetService:
    """Sends the link to whom it concerns, and tells nobody else whether there is such a person."""

    def __init__(self, sessions: SessionService, letters: LetterService) -> None:
        self._sessions = sessions
        self._letters = letters
        self._database = sessions.parts.database
        self._clock = sessions.parts.clock

    async def ask(self, email: str, visit: Visit) -> LetterUnderWay:
        """Have the link sent. Looking the address up happens after the answer."""
        email = plain_email(email)
        await self._sessions.guesses.letter(visit.address, email)
        self._letters.beside(
            lambda: self.send_link(email, Occasion.RESET, visit.language), "password reset"
        )
        return LetterUnderWay()

    async def send_link(self, email: str, occasion: Occasion, language: str) -> None:
        """Write to the member of this address; to nobody when there is none."""
        async with self._database.transaction() as tx:
            member = await AccountRepository(tx).member_of_email(email)
            if member is None or member.suspended_at is not None:
                return
            link = await new_ticket(tx, Purpose.RESET, member.id, email, self._clock)
        await self._letters.send(occasion, email, language, self._letters.page(link))

    async def use(self, wanted: PasswordReset, visit: Visit) -> PasswordWasReset:
        """Set the password. Every session ends, and an address that could be written to is
        confirmed by that; keys stay: they are not made of the password."""
        check_password(wanted.password.get_secret_value())
        async with self._sessions.guesses.attempt(Attempt("link", visit.address)):
            async with self._database.transaction() as tx:
                await check_open(tx, wanted.token, Purpose.RESET, self._clock)
            ended, email = await self._set(wanted.token, wanted.password)
        again = self._letters.page("/forgot")
        self._letters.beside(
            lambda: self._letters.send(Occasion.PASSWORD_CHANGED, email, visit.language, again),
            "password changed",
        )
        return PasswordWasReset(sessions_ended=ended)

    async def _set(self, token: str, password: SecretStr) -> tuple[int, str]:
        password_hash = await self._sessions.parts.passwords.hashed(password)
        now = self._clock()
        async with self._database.transaction() as tx:
            ticket = await used_ticket(tx, token, Purpose.RESET, self._clock)
            repository = AccountRepository(tx)
            member = await repository.member(ticket.member_id, for_update=True)
            if member is None or member.suspended_at is not None or member.email != ticket.email:
                raise refused()
            check_password(password.get_secret_value(), member.email, member.name)
            member.password_hash, member.pending_since = password_hash, None
            await TicketRepository(tx).void(member.id, now)
            Acts(tx).record_member(Act.PASSWORD_RESET, member.id, member.id, None)
            return await repository.end_all(member.id, now), member.email
