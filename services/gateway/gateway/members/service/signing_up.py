"""Making an account: with an invite, or without one where the installation is open."""

from contracts.accounts import Power, SessionView, SignUpMode
from contracts.credentials import SignUp, SignUpReceived
from contracts.ids import new_id
from gateway.accounts.repository import AccountRepository
from gateway.accounts.rules import plain_email
from gateway.accounts.service.sessions import SessionService
from gateway.accounts.tables import Member, Membership, Workspace
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.credentials.rules import Purpose
from gateway.credentials.service.resetting import ResetService
from gateway.credentials.service.tickets import new_ticket
from gateway.db import Transaction
from gateway.letters.rules import Occasion
from gateway.letters.service import LetterService
from gateway.members.errors import InviteNeeded, SignUpClosed
from gateway.members.service.joining import JoiningService
from gateway.password_rules import check_password
from gateway.settings import Settings
from gateway.visit import Visit

_CLOSED = "Nobody can make an account here at the moment."


class SignUpService:
    """Lets people in as the settings say."""

    def __init__(
        self,
        joining: JoiningService,
        sessions: SessionService,
        resets: ResetService,
        letters: LetterService,
        settings: Settings,
    ) -> None:
        self._joining = joining
        self._sessions = sessions
        self._resets = resets
        self._letters = letters
        self._mode = settings.sign_up
        self._sends_mail = settings.mail.host is not None
        self._database = sessions.parts.database
        self._clock = sessions.parts.clock

    async def sign_up(self, wanted: SignUp, visit: Visit) -> SessionView | SignUpReceived:
        """A session for the invited; for others the same answer, whether the address is known."""
        if self._mode is SignUpMode.CLOSED:
            raise SignUpClosed(_CLOSED)
        if wanted.invite is not None:
            return await self._joining.sign_up(wanted, wanted.invite, visit)
        if self._mode is not SignUpMode.OPEN:
            raise InviteNeeded("An account here needs an invite.", param="invite")
        return await self._openly(wanted, visit)

    async def _openly(self, wanted: SignUp, visit: Visit) -> SignUpReceived:
        check_password(wanted.password.get_secret_value(), wanted.email, wanted.name)
        await self._sessions.guesses.sign_up(visit.address)
        email = plain_email(wanted.email)
        # Also for an address that is known: the answer takes as long.
        password_hash = await self._sessions.parts.passwords.hashed(wanted.password)
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            if not await repository.has_operator():
                raise SignUpClosed("Nobody runs this installation yet.")
            await repository.lock_email(email)
            is_known = await repository.member_of_email(email) is not None
            link = None if is_known else await self._made(tx, wanted, email, password_hash)
        self._write(email, visit.language, link, is_known=is_known)
        return SignUpReceived(next="read_mail" if self._sends_mail else "sign_in")

    async def _made(
        self, tx: Transaction, wanted: SignUp, email: str, password_hash: str
    ) -> str | None:
        """The account with a workspace of its own; the link that confirms it, if one is needed."""
        now, name = self._clock(), wanted.name.strip()
        member = Member(
            id=new_id("mem_"),
            email=email,
            name=name,
            password_hash=password_hash,
            pending_since=now if self._sends_mail else None,
            created_at=now,
        )
        workspace = Workspace(id=new_id("wsp_"), name=name, created_at=now)
        repository = AccountRepository(tx)
        repository.add(member, workspace)
        await repository.flush()
        repository.add(
            Membership(
                workspace_id=workspace.id,
                member_id=member.id,
                power=Power.OWNER.value,
                created_at=now,
            )
        )
        Acts(tx).record_member(Act.ACCOUNT_CREATED, member.id, member.id, workspace.id)
        if not self._sends_mail:
            return None
        return await new_ticket(tx, Purpose.CONFIRM, member.id, email, self._clock)

    def _write(self, email: str, language: str, link: str | None, *, is_known: bool) -> None:
        if is_known:
            # Their owner learns of it, and how to get in; whoever asked learns nothing.
            self._letters.beside(
                lambda: self._resets.send_link(email, Occasion.SIGN_UP_AGAIN, language),
                "sign-up again",
            )
        elif link is not None:
            address = self._letters.page(link)
            self._letters.beside(
                lambda: self._letters.send(Occasion.CONFIRM, email, language, address),
                "confirmation",
            )
