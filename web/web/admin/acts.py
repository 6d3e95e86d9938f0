"""What acts and refusals in the audit trail are called on the page."""

from web.languages import N_, Language

_ACTS = {
    "account.claimed": N_("took the installation"),
    "account.created": N_("made an account"),
    "account.confirmed": N_("confirmed an email address"),
    "account.exported": N_("exported their data"),
    "account.deleted": N_("deleted their account"),
    "account.changed": N_("changed their profile"),
    "password.changed": N_("changed their password"),
    "password.reset": N_("reset their password"),
    "email.changed": N_("changed their email address"),
    "session.opened": N_("signed in"),
    "session.ended": N_("signed out"),
    "session.revoked": N_("ended sessions"),
    "session.moved": N_("went to another workspace"),
    "key.created": N_("made a key"),
    "key.revoked": N_("revoked a key"),
    "invite.created": N_("invited somebody"),
    "invite.revoked": N_("revoked an invite"),
    "invite.accepted": N_("accepted an invite"),
    "member.suspended": N_("suspended a member"),
    "member.reinstated": N_("reinstated a member"),
    "member.removed": N_("removed a member"),
    "member.left": N_("left the workspace"),
    "member.power_changed": N_("changed a member's role"),
    "workspace.created": N_("made a workspace"),
    "workspace.renamed": N_("renamed a workspace"),
    "group.created": N_("made a group"),
    "group.changed": N_("changed a group"),
    "group.deleted": N_("deleted a group"),
    "assistant.published": N_("published an assistant"),
    "assistant.shared": N_("changed who may ask an assistant"),
    "assistant.deleted": N_("deleted an assistant"),
    "assistant.brought_back": N_("brought back a deleted assistant"),
    "assistant.restored": N_("restored a version of an assistant"),
    "assistant.duplicated": N_("copied an assistant"),
    "assistant.transferred": N_("handed over an assistant"),
    "assistant.exported": N_("exported an assistant"),
    "assistant.imported": N_("imported an assistant"),
    "collection.shared": N_("changed who may read knowledge"),
    "collection.deleted": N_("deleted knowledge"),
    "file.deleted": N_("deleted a file"),
    "share.created": N_("shared a conversation by link"),
    "share.revoked": N_("revoked a share link"),
    "link.created": N_("made a link to an assistant"),
    "link.revoked": N_("revoked a link to an assistant"),
    "budget.set": N_("set a budget"),
    "budget.changed": N_("changed a budget"),
    "budget.ended": N_("ended a budget"),
    "price.set": N_("set a price"),
    "limit.set": N_("set a limit"),
    "limit.removed": N_("removed a limit"),
    "ledger.corrected": N_("corrected the ledger"),
    "report.made": N_("reported a listing"),
    "report.withdrawn": N_("took a report back"),
    "case.dismissed": N_("found nothing wrong with a reported listing"),
    "listing.read": N_("read the instructions of a reported assistant"),
    "listing.taken_down": N_("took an assistant out of the store"),
    "listing.let_back": N_("let an assistant back into the store"),
    "takedown.answered": N_("asked for another look at a take-down"),
    "store.featured": N_("chose what the store features"),
}
_VERDICTS = {
    "unauthenticated": N_("not signed in"),
    "forbidden": N_("not allowed"),
    "hidden": N_("not theirs to see"),
}


def words_of_act(language: Language, action: str) -> str | None:
    """The act in words; None for what is shown as it is written."""
    found = _ACTS.get(action)
    return None if found is None else language.gettext(found)


def words_of_verdict(language: Language, verdict: str) -> str | None:
    """Why it was refused; None for an act."""
    found = _VERDICTS.get(verdict)
    return None if found is None else language.gettext(found)
