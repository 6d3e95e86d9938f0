"""Coming in with an invite: as a new account, or with the one that is there."""

from contracts.accounts import Power, SessionView
from contracts.ids import new_id
from contracts.invites import AccountCreate, InviteOffer
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import plain_email, token_hash
from gateway.accounts.service.sessions import SessionService
from gateway.accounts.tables import Member, Membership, Workspace
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database, Transaction
from gateway.members.errors import AccountExists, AlreadyThere, InviteForAnother, InviteRefused
from gateway.members.repository import InviteRepository, Offer
from gateway.members.tables import Invite
from gateway.passwords import Passwords

_REFUSED = "This invite does not work any more: it was used or revoked, or its time is over."
_FOR_ANOTHER = "This invite was made for another e-mail address."
_EXISTS = "This address has an account already: sign in, then accept the invite."


class JoiningService:
    """Turns an invite into a membership, exactly once."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sessions: SessionService,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._clock = clock

    async def look(self, token: str) -> InviteOffer:
        """What an invite offers to whoever holds it."""
        async with self._database.transaction() as tx:
            offer = await self._open(tx, token)
            account = await AccountRepository(tx).member_of_email(offer.invite.email)
        return InviteOffer(
            email=offer.invite.email,
            role=Power(offer.invite.power),
            workspace_name=offer.workspace_name,
            has_account=account is not None,
            expires_at=unix_seconds(offer.invite.expires_at),
        )

    async def sign_up(self, wanted: AccountCreate) -> SessionView:
        """Make the invited person's account and sign them in."""
        email = plain_email(wanted.email)
        async with self._database.transaction() as tx:
            _check_email(await self._open(tx, wanted.invite), email)
            await _refuse_known(tx, email)
        password_hash = await self._passwords.hashed(wanted.password)
        async with self._database.transaction() as tx:
            await InviteRepository(tx).lock_email(email)
            await _refuse_known(tx, email)
            invite = await self._used(tx, wanted.invite)
            member = Member(
                id=new_id("mem_"),
                email=email,
                name=wanted.name.strip(),
                password_hash=password_hash,
                created_at=self._clock(),
            )
            AccountRepository(tx).add(member)
            return self._sessions.open(tx, await self._admitted(tx, invite, member))

    async def accept(self, caller: Caller, token: str) -> SessionView:
        """Let a member into one more workspace; the session returned works there."""
        async with self._database.transaction() as tx:
            offer = await self._open(tx, token)
            _check_email(offer, caller.email)
            if offer.invite.workspace_id is not None:
                there = await AccountRepository(tx).standing(
                    caller.member_id, offer.invite.workspace_id
                )
                if there is not None:
                    raise AlreadyThere(f"You are in {offer.workspace_name} already.")
            invite = await self._used(tx, token)
            member = await AccountRepository(tx).member_of_email(caller.email)
            if member is None:
                raise InviteRefused(_REFUSED, param="token")
            return self._sessions.open(tx, await self._admitted(tx, invite, member))

    async def _open(self, tx: Transaction, token: str) -> Offer:
        offer = await InviteRepository(tx).open_offer(token_hash(token), self._clock())
        if offer is None:
            raise InviteRefused(_REFUSED, param="token")
        return offer

    async def _used(self, tx: Transaction, token: str) -> Invite:
        """The invite, used up: whoever else holds it is refused from here on."""
        invite = await InviteRepository(tx).use(token_hash(token), self._clock())
        if invite is None:
            raise InviteRefused(_REFUSED, param="token")
        return invite

    async def _admitted(self, tx: Transaction, invite: Invite, member: Member) -> Standing:
        repository = AccountRepository(tx)
        workspace_id = invite.workspace_id
        if workspace_id is None:
            workspace_id, name = new_id("wsp_"), (invite.new_workspace or "").strip()
            repository.add(Workspace(id=workspace_id, name=name, created_at=self._clock()))
        await repository.flush()
        joined = Membership(
            workspace_id=workspace_id,
            member_id=member.id,
            power=invite.power,
            created_at=self._clock(),
        )
        repository.add(joined)
        invite.accepted_by = member.id
        await repository.flush()
        standing = await repository.standing(member.id, workspace_id)
        if standing is None:  # suspended since
            raise InviteRefused(_REFUSED, param="token")
        return standing


def _check_email(offer: Offer, email: str) -> None:
    if offer.invite.email != email:
        raise InviteForAnother(_FOR_ANOTHER, param="email")


async def _refuse_known(tx: Transaction, email: str) -> None:
    if await AccountRepository(tx).member_of_email(email) is not None:
        raise AccountExists(_EXISTS, param="email")
