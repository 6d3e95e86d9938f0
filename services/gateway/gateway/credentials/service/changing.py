"""Another password, name or address, for somebody who is signed in."""

from contracts.accounts import MemberView, SessionView
from contracts.credentials import EmailChange, EmailChanging, PasswordChange, ProfileChange
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import device_of, plain_email
from gateway.accounts.service.sessions import SessionService
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.credentials.errors import AddressTaken
from gateway.credentials.repository import TicketRepository
from gateway.credentials.rules import Purpose
from gateway.credentials.service.tickets import new_ticket
from gateway.db import Transaction
from gateway.letters.rules import Occasion
from gateway.letters.service import LetterService
from gateway.password_rules import check_password
from gateway.signed_in import NotSignedIn
from gateway.visit import Visit


class ProfileService:
    """Changes what a member is known by."""

    def __init__(
        self, sessions: SessionService, letters: LetterService, *, sends_mail: bool
    ) -> None:
        self._sessions = sessions
        self._letters = letters
        self._sends_mail = sends_mail
        self._database = sessions.parts.database
        self._clock = sessions.parts.clock

    async def change_password(
        self, caller: Caller, wanted: PasswordChange, visit: Visit
    ) -> SessionView:
        """Set another password. All sessions end; the answer's is a new one. Keys stay."""
        await self._sessions.check_password(caller, wanted.old_password, visit)
        check_password(wanted.password.get_secret_value(), caller.email, caller.member_name)
        password_hash = await self._sessions.parts.passwords.hashed(wanted.password)
        now = self._clock()
        async with self._database.transaction() as tx:
            standing = await _standing(tx, caller)
            standing.member.password_hash = password_hash
            await AccountRepository(tx).end_all(caller.member_id, now)
            await TicketRepository(tx).void(caller.member_id, now, Purpose.RESET)
            Acts(tx).record(Act.PASSWORD_CHANGED, caller, caller.member_id)
            session = self._sessions.open(tx, standing, device=device_of(visit.agent))
        again = self._letters.page("/forgot")
        self._letters.beside(
            lambda: self._letters.send(
                Occasion.PASSWORD_CHANGED, caller.email, visit.language, again
            ),
            "password changed",
        )
        return session

    async def change_profile(self, caller: Caller, wanted: ProfileChange) -> MemberView:
        """Be called otherwise."""
        async with self._database.transaction() as tx:
            standing = await _standing(tx, caller)
            standing.member.name = wanted.name.strip()
            Acts(tx).record(Act.ACCOUNT_CHANGED, caller, caller.member_id)
        return await self._sessions.me(caller)

    async def change_email(
        self, caller: Caller, wanted: EmailChange, visit: Visit
    ) -> EmailChanging:
        """Have another address: by a letter to it, or at once where no mail is sent."""
        await self._sessions.check_password(caller, wanted.password, visit)
        email = plain_email(wanted.email)
        if not self._sends_mail:
            await self._change_at_once(caller, email)
            return EmailChanging(status="changed")
        await self._sessions.guesses.letter(visit.address, email)
        self._letters.beside(
            lambda: self._send_link(caller.member_id, email, visit.language), "new address"
        )
        return EmailChanging(status="confirm_by_mail")

    async def _change_at_once(self, caller: Caller, email: str) -> None:
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            await repository.lock_email(email)
            standing = await _standing(tx, caller)
            known = await repository.member_of_email(email)
            if known is not None and known.id != caller.member_id:
                raise AddressTaken("This address belongs to another account.", param="email")
            standing.member.email = email
            Acts(tx).record(Act.EMAIL_CHANGED, caller, caller.member_id)

    async def _send_link(self, member_id: str, email: str, language: str) -> None:
        """To an address that has an account nothing is sent: its owner knows it is theirs."""
        async with self._database.transaction() as tx:
            if await AccountRepository(tx).member_of_email(email) is not None:
                return
            link = await new_ticket(tx, Purpose.NEW_ADDRESS, member_id, email, self._clock)
        await self._letters.send(Occasion.NEW_ADDRESS, email, language, self._letters.page(link))


async def _standing(tx: Transaction, caller: Caller) -> Standing:
    standing = await AccountRepository(tx).standing(caller.member_id, caller.workspace_id)
    if standing is None:
        raise NotSignedIn("Your session has ended. Sign in again.")
    return standing
