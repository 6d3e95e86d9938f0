"""Coming in with an invite: as a new account, or with the one that is there."""

from contracts.accounts import Power, SessionView
from contracts.credentials import SignUp
from contracts.ids import new_id
from contracts.invites import InviteOffer, InviteSignIn
from gateway.accounts.errors import WrongCredentials
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import device_of, plain_email, token_hash
from gateway.accounts.service.sessions import SessionService
from gateway.accounts.tables import Member, Membership, Workspace
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import unix_seconds
from gateway.db import Transaction
from gateway.guessing.rules import Attempt
from gateway.members.errors import AccountExists, AlreadyThere, InviteForAnother, InviteRefused
from gateway.members.repository import InviteRepository, Offer
from gateway.members.tables import Invite
from gateway.password_rules import check_password
from gateway.visit import Visit

_REFUSED = "This invite does not work any more: it was used or revoked, or its time is over."
_FOR_ANOTHER = "This invite was made for another e-mail address."
_EXISTS = "This address has an account already: sign in, then accept the invite."


class JoiningService:
    """Turns an invite into a membership, exactly once."""

    def __init__(self, sessions: SessionService) -> None:
        self._database = sessions.parts.database
        self._passwords = sessions.parts.passwords
        self._sessions = sessions
        self._clock = sessions.parts.clock

    async def look(self, token: str, visit: Visit) -> InviteOffer:
        """What an invite offers to whoever holds it."""
        guess = self._sessions.guesses.attempt(Attempt("invite", visit.address))
        async with guess, self._database.transaction() as tx:
            offer = await self._open(tx, token)
            account = await AccountRepository(tx).member_of_email(offer.invite.email)
        return InviteOffer(
            email=offer.invite.email,
            role=Power(offer.invite.power),
            workspace_name=offer.workspace_name,
            has_account=account is not None,
            expires_at=unix_seconds(offer.invite.expires_at),
        )

    async def sign_up(self, wanted: SignUp, token: str, visit: Visit) -> SessionView:
        """Make the invited person's account and sign them in."""
        check_password(wanted.password.get_secret_value(), wanted.email, wanted.name)
        async with self._sessions.guesses.attempt(Attempt("invite", visit.address)):
            return await self._signed_up(wanted, token, device_of(visit.agent))

    async def _signed_up(self, wanted: SignUp, token: str, device: str) -> SessionView:
        email = plain_email(wanted.email)
        async with self._database.transaction() as tx:
            _check_email(await self._open(tx, token), email)
            await _refuse_known(tx, email)
        password_hash = await self._passwords.hashed(wanted.password)
        async with self._database.transaction() as tx:
            await AccountRepository(tx).lock_email(email)
            await _refuse_known(tx, email)
            invite = await self._used(tx, token)
            member = Member(
                id=new_id("mem_"),
                email=email,
                name=wanted.name.strip(),
                password_hash=password_hash,
                created_at=self._clock(),
            )
            AccountRepository(tx).add(member)
            Acts(tx).record_member(Act.ACCOUNT_CREATED, member.id, member.id, None)
            standing = await self._admitted(tx, invite, member)
            return self._sessions.open(tx, standing, device=device)

    async def accept(self, caller: Caller, token: str, visit: Visit) -> SessionView:
        """Let a member into one more workspace; the session returned works there."""
        async with self._sessions.guesses.attempt(Attempt("invite", visit.address)):
            return await self._accepted(caller.email, token, device_of(visit.agent))

    async def sign_in(self, wanted: InviteSignIn, visit: Visit) -> SessionView:
        """The same for somebody who is not signed in, and perhaps in no workspace any more: the
        password of the invited account comes with the invite."""
        guess = self._sessions.guesses.attempt(Attempt("invite", visit.address))
        async with guess, self._database.transaction() as tx:
            email = (await self._open(tx, wanted.token)).invite.email
            member = await AccountRepository(tx).member_of_email(email)
        async with self._sessions.guesses.attempt(Attempt("sign-in", visit.address, email)):
            password_hash = None if member is None else member.password_hash
            if not await self._passwords.fits(wanted.password, password_hash):
                raise WrongCredentials("The password is wrong.", param="password")
        return await self._accepted(email, wanted.token, device_of(visit.agent))

    async def _accepted(self, email: str, token: str, device: str) -> SessionView:
        async with self._database.transaction() as tx:
            offer = await self._open(tx, token)
            _check_email(offer, email)
            member = await AccountRepository(tx).member_of_email(email)
            if member is None or member.pending_since is not None:
                raise InviteRefused(_REFUSED, param="token")
            if offer.invite.workspace_id is not None:
                there = await AccountRepository(tx).standing(member.id, offer.invite.workspace_id)
                if there is not None:
                    raise AlreadyThere(f"You are in {offer.workspace_name} already.")
            invite = await self._used(tx, token)
            standing = await self._admitted(tx, invite, member)
            return self._sessions.open(tx, standing, device=device)

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
        Acts(tx).record_member(Act.INVITE_ACCEPTED, member.id, invite.id, workspace_id)
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
