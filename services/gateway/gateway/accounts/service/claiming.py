"""How an installation gets its first operator: a one-time link, or the settings."""

from datetime import timedelta

from contracts.accounts import ClaimAccount, InstallationView, Power, SessionView, SignUpMode
from contracts.ids import new_id
from gateway import VERSION
from gateway.accounts.errors import ClaimRefused
from gateway.accounts.repository import AccountRepository, Standing
from gateway.accounts.rules import CLAIM_PREFIX, device_of, new_token, plain_email, token_hash
from gateway.accounts.service.sessions import SessionService
from gateway.accounts.tables import Claim, Member, Membership, Workspace
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.db import Transaction
from gateway.guessing.rules import Attempt
from gateway.password_rules import check_password
from gateway.settings import AdminAccount
from gateway.visit import Visit

_REFUSED = "This link does not work any more. Each start of Stoa prints a new one until it is used."


class ClaimService:
    """Makes the first operator, exactly once."""

    def __init__(
        self,
        sessions: SessionService,
        sign_up: SignUpMode = SignUpMode.INVITE,
        *,
        sends_mail: bool = False,
        shares_with_anyone: bool = False,
        admits_guests: bool = False,
    ) -> None:
        self._database = sessions.parts.database
        self._passwords = sessions.parts.passwords
        self._clock = sessions.parts.clock
        self._sessions = sessions
        self._sign_up = sign_up
        self._sends_mail = sends_mail
        self._shares_with_anyone = shares_with_anyone
        self._admits_guests = admits_guests

    async def installation(self) -> InstallationView:
        """What a stranger may know: whether somebody runs this installation."""
        async with self._database.transaction() as tx:
            claimed = await AccountRepository(tx).has_operator()
        return InstallationView(
            claimed=claimed,
            version=VERSION,
            sign_up=self._sign_up,
            sends_mail=self._sends_mail,
            shares_with_anyone=self._shares_with_anyone,
            admits_guests=self._admits_guests,
        )

    async def new_link_token(self) -> str | None:
        """A fresh token that voids the former ones; None when there is an operator."""
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            await repository.lock_claiming()
            if await repository.has_operator():
                return None
            await repository.void_claims(self._clock())
            token = new_token(CLAIM_PREFIX)
            repository.add(Claim(id=new_id("clm_"), token_hash=token_hash(token)))
            return token

    async def claim(self, account: ClaimAccount, visit: Visit) -> SessionView:
        """Take the operator's account with the link, and be signed in."""
        check_password(account.password.get_secret_value(), account.email, account.name)
        async with self._sessions.guesses.attempt(Attempt("claim", visit.address)):
            return await self._claimed(account, device_of(visit.agent))

    async def _claimed(self, account: ClaimAccount, device: str) -> SessionView:
        hashed = token_hash(account.token)
        async with self._database.transaction() as tx:
            if not await AccountRepository(tx).is_claim_open(hashed):
                raise ClaimRefused(_REFUSED, param="token")
        password_hash = await self._passwords.hashed(account.password)
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            await repository.lock_claiming()
            if await repository.has_operator() or not await repository.use_claim(
                hashed, self._clock()
            ):
                raise ClaimRefused(_REFUSED, param="token")
            standing = await _make_operator(tx, account.email, account.name, password_hash)
            maker = standing.member.id
            Acts(tx).record_member(Act.ACCOUNT_CLAIMED, maker, maker, standing.workspace.id)
            return self._sessions.open(tx, standing, device=device)

    async def lend_operator(self, lifetime: timedelta) -> str | None:
        """The token of a short session of the operator; None when there is none."""
        async with self._database.transaction() as tx:
            standing = await AccountRepository(tx).operator_standing()
            if standing is None:
                return None
            return self._sessions.open(tx, standing, lifetime).token

    async def ensure_operator(self, admin: AdminAccount) -> None:
        """Make the operator that the settings name, unless there is one."""
        if admin.email is None or admin.password is None:
            return
        if (await self.installation()).claimed:
            return
        password_hash = await self._passwords.hashed(admin.password)
        async with self._database.transaction() as tx:
            repository = AccountRepository(tx)
            await repository.lock_claiming()
            if not await repository.has_operator():
                await repository.void_claims(self._clock())
                name = admin.email.partition("@")[0]
                await _make_operator(tx, admin.email, name, password_hash)


async def _make_operator(tx: Transaction, email: str, name: str, password_hash: str) -> Standing:
    repository = AccountRepository(tx)
    member = Member(
        id=new_id("mem_"),
        email=plain_email(email),
        name=name.strip(),
        password_hash=password_hash,
        is_operator=True,
    )
    workspace = Workspace(id=new_id("wsp_"), name=name.strip())
    repository.add(member, workspace)
    await repository.flush()
    repository.add(
        Membership(workspace_id=workspace.id, member_id=member.id, power=Power.OWNER.value)
    )
    await repository.flush()
    return Standing(member, workspace, Power.OWNER)
