"""Rules of a workspace: who may change whose role."""

from contracts.accounts import Power, SignUpMode
from gateway.policy.rules import Asker


def may_make_workspaces(asker: Asker, sign_up: SignUpMode) -> bool:
    """Where anybody gets one by signing up, anybody may have another."""
    return asker.is_operator or (sign_up is SignUpMode.OPEN and asker.power is not Power.GUEST)


def touches_ownership(present: Power, wanted: Power | None) -> bool:
    """The change is about an owner: one that is, or one that is to be. None: removed."""
    return present is Power.OWNER or wanted is Power.OWNER


def may_touch_ownership(asker: Asker) -> bool:
    """Admins run a workspace for its owners, not above them."""
    return asker.is_operator or asker.power is Power.OWNER
