"""Rules of invites: who may make them, and how long they last."""

from datetime import timedelta

from gateway.caller import Caller
from gateway.policy.rules import may_in
from gateway.policy.words import Action, Kind

INVITE_LIFETIME = timedelta(days=7)
INVITE_PREFIX = "inv-stoa-"


def sees_members(caller: Caller) -> bool:
    """Operators see every workspace, owners and admins their own."""
    return may_in(caller, Action.SEE, Kind.ROSTER)


def may_invite_into(caller: Caller, workspace_id: str) -> bool:
    """Operators invite into any workspace, owners and admins into their own."""
    return may_in(caller, Action.CREATE, Kind.ROSTER, workspace_id)


def invite_link(web_url: str, token: str) -> str:
    """The address that is sent to the invited person."""
    return f"{web_url.rstrip('/')}/join?invite={token}"
