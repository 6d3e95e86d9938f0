"""What errors say to people: known codes in every language, the gateway's own words otherwise."""

from pydantic import ValidationError

from contracts.conversations import MessageView, TurnStatus
from contracts.errors import ErrorBody, StoreError
from web.languages import N_, Language
from web.reading_refusals import words_of_refusal

_KNOWN = {
    "not_found": N_("There is nothing at this address, or it is not yours to see."),
    "assistant_not_found": N_("This assistant does not exist, or it is not yours to see."),
    "conversation_not_found": N_("This conversation does not exist, or it is not yours to see."),
    "key_not_found": N_("This key does not exist, or was revoked before."),
    "passage_not_found": N_("This passage is gone. Its document may have been deleted."),
    "request_too_large": N_("That is more than one upload may hold. Nothing of it was kept."),
    "file_too_large": N_("This file is larger than the limit. Nothing of it was kept."),
    "avatar_too_large": N_("This picture is larger than 2 MB. Nothing of it was kept."),
    "not_a_picture": N_("This is no picture: send a PNG, a JPEG or a WebP."),
    "avatar_not_found": N_("There is nothing at this address, or it is not yours to see."),
    "empty_file": N_("This file is empty. Nothing of it was kept."),
    "no_file_chosen": N_("Choose a file first."),
    "no_address_given": N_("Write the address of a page first."),
    "web_pages_off": N_("Reading web pages is switched off on this installation."),
    "unsupported_file": N_("This kind of file cannot be read yet."),
    "service_unavailable": N_("A part of the installation does not answer. Try again in a moment."),
    "database_unavailable": N_(
        "A part of the installation does not answer. Try again in a moment."
    ),
    "engine_unavailable": N_("The model does not answer at the moment. Your question is kept."),
    "engine_busy": N_("The model has too much to do at the moment. Ask again in a moment."),
    "generation_timed_out": N_("The answer took too long and was ended here."),
    "refused_by_engine": N_("The model refuses this question. Your question is kept."),
    "engine_failed": N_("The model failed while answering. Your question is kept; ask again."),
    "model_not_found": N_("The model of this assistant is not running here."),
    "model_not_served": N_("The model of this assistant is not running here."),
    "context_length_exceeded": N_("This is more text than the model can take in at once."),
    "turn_in_progress": N_("The last answer is still being written. Wait for it, or stop it."),
    "message_not_found": N_("This message is not in the conversation any more."),
    "parent_not_found": N_("This message is not in the conversation any more."),
    "conversation_temporary": N_(
        "A temporary chat is kept nowhere, so it has no name, folder, link or files."
    ),
    "file_not_attached": N_("This file is not in the conversation any more."),
    "too_many_attached_files": N_(
        "A conversation may have ten files, unless the installation says otherwise: take one out."
    ),
    "attached_file_unread": N_(
        "A file is still being read. Your question is kept; ask again when the file is ready."
    ),
    "attached_file_failed": N_(
        "A file that the question waited for could not be read. Take it out, or ask again without."
    ),
    "folder_not_found": N_("This folder does not exist, or it is not yours to see."),
    "folder_name_taken": N_("You have a folder of this name already."),
    "too_many_folders": N_("You have a hundred folders already; delete one first."),
    "share_not_found": N_("This link leads to nothing: it was revoked, or what it showed is gone."),
    "visit_over": N_(
        "This is not open any more: the link was revoked, or what it led to is closed."
    ),
    "door_not_found": N_(
        "There is nothing at this address, or not any more. If it came to you as a link, ask for a "
        "new one."
    ),
    "guests_not_admitted": N_("This installation asks everybody to sign in first."),
    "members_only": N_("This needs an account."),
    "guest_allowance_reached": N_(
        "That was all that can be asked here today without an account. Tomorrow it goes on."
    ),
    "nothing_to_share": N_("Nothing was answered here yet, so there is nothing to show."),
    "too_many_shares": N_("This conversation has twenty links already; revoke one first."),
    "conversation_too_long": N_("This conversation is too long for a link: export it instead."),
    "name_needed": N_("A name is needed: of at most 200 characters, of a folder at most 100."),
    "feedback_unfit": N_(
        "Choose a thumb; a comment may have 2,000 characters, a correction 8,000."
    ),
    "rating_unfit": N_("Choose one to five stars; a review may have 2,000 characters."),
    "not_used_yet": N_("Talk to it first: whoever got an answer may rate it."),
    "own_listing": N_("You build it, so you do not rate it."),
    "not_to_be_copied": N_("Its builder lets nobody make copies of it."),
    "listing_not_found": N_("This assistant is not in the store, or not any more."),
    "builder_not_found": N_("Nobody here lists anything under this name."),
    "too_many_turns": N_("Too many answers are being written. Try again in a moment."),
    "time_limit_reached": N_("The answer took too long and was ended here."),
    "no_reader": N_("Nobody was reading, so the answer was stopped."),
    "door_closed": N_("The page you came by was closed while this was written."),
    "link_unfit": N_("A name has at most 100 characters; choose how long the link lives."),
    "sharing_is_private": N_("This assistant is private: let whoever has the link ask it first."),
    "too_many_links": N_("This assistant has twenty links already; revoke one first."),
    "link_not_found": N_("There is no such link, or it was revoked."),
    "interrupted": N_("The installation was restarted while this was written. Ask again."),
    "shutting_down": N_("The installation was restarted while this was written. Ask again."),
    "assistant_not_published": N_("This assistant is not published yet."),
    "not_the_builder": N_("Only the builders of this assistant may do that."),
    "not_the_keeper": N_("Only those who keep this knowledge may do that."),
    "version_not_found": N_("There is no such version of this assistant."),
    "nothing_to_undo": N_("There is nothing to undo: the draft has changed since."),
    "new_owner_unfit": N_("A guest cannot own an assistant."),
    "bundle_refused": N_(
        "This is no archive of an assistant, or it was changed. Nothing of it was kept."
    ),
    "bundle_version_unknown": N_(
        "This archive was made by a later Stoa, in a format that is not known here."
    ),
    "bundle_too_large": N_("These are more files than an archive may hold."),
    "still_reading": N_("The file is still being read: replace it when that has ended."),
    "file_there_already": N_("This file is there already."),
    "nothing_to_retry": N_("This file is not in a state to try again."),
    "ledger_not_yours": N_("This page is for administrators."),
    "not_the_treasurer": N_("Only those who run the workspace see and set its budgets."),
    "budget_exists": N_("There is such a budget already: end that one first."),
    "budget_not_found": N_("This budget has ended, or is not yours to see."),
    "budget_subject_not_found": N_("There is nobody and nothing by this id in the workspace."),
    "budget_subject_unclear": N_("Name the member, assistant or key; the others need no name."),
    "limits_not_yours": N_("Only those who run this installation set limits."),
    "limit_not_found": N_("There is nobody here by this id, or no such limit was set."),
    "no_address": N_("That is no client address: write an IPv4 address, or an IPv6 one."),
    "prices_not_yours": N_("Only those who run this installation set prices."),
    "price_in_the_past": N_("A price counts from now on or from a later moment, never before."),
    "unknown_model": N_("No model here has exactly this name."),
    "jobs_not_yours": N_("This page is for administrators."),
    "engines_not_yours": N_("This page is for those who run the installation."),
    "reconciliations_not_yours": N_("This page is for those who run the installation."),
    "draft_changed": N_(
        "Another tab or another builder has changed this assistant meanwhile. Nothing was saved."
    ),
    "wish_unfit": N_("Write a few sentences first: at most 2,000 characters."),
    "draft_unreadable": N_("The model did not write a draft that can be read. Try again."),
    "variable_missing": N_("Fill in first what the assistant asks for."),
    "variable_invalid": N_("One of the values is not what the assistant asks for."),
    "variable_unknown": N_("This assistant asks for something else now. Begin a new chat."),
    "query_too_long": N_("A question may have 2,000 characters here."),
    "question_empty": N_("Write a question first."),
    "question_too_long": N_("A question may have 32,000 characters; this one has more."),
    "administrators_only": N_("This page is for administrators."),
    "invalid_request": N_("This address or form is not complete. Nothing was changed."),
    "rate_limit_exceeded": N_("Too many requests at once. Wait a moment and try again."),
    "insufficient_quota": N_("The budget for this is used up."),
    "claim_refused": N_("This link has been used or is not complete. Nothing was changed."),
    "invite_refused": N_("This invite does not work any more. Ask for a new one."),
    "invite_for_another": N_("This invite is for another email address."),
    "invite_not_found": N_("This invite was used or revoked before."),
    "account_exists": N_("This address has an account already: sign in, then join."),
    "already_a_member": N_("You are in this workspace already."),
    "not_the_workspace_admin": N_("Only administrators can invite."),
    "group_name_taken": N_("There is a group of this name already."),
    "group_without_name": N_("A group needs a name of at most 100 characters."),
    "wrong_credentials": N_("The email address or the password is not right."),
    "weak_password": N_("This password is easy to guess. Choose another one, best a few words."),
    "too_many_attempts": N_("Too many attempts. Wait a few minutes and try again."),
    "account_suspended": N_("This account is suspended. Ask whoever runs this installation."),
    "in_no_workspace": N_("This account is in no workspace any more. Ask for an invite."),
    "account_pending": N_("Confirm your address first: a letter was sent to it."),
    "link_refused": N_("This link does not work any more. Ask for a new one."),
    "already_confirmed": N_("Your address is confirmed already."),
    "sign_up_closed": N_("Nobody can make an account here at the moment."),
    "invite_needed": N_("An account here needs an invite."),
    "session_not_found": N_("This session is over already."),
    "workspace_not_found": N_("This workspace does not exist, or it is not yours to see."),
    "workspaces_not_open": N_("Only operators make workspaces here."),
    "member_not_found": N_("This person is not here."),
    "owners_only": N_("Only owners make owners, and change or remove them."),
    "last_owner": N_("A workspace needs an owner: make somebody else one first."),
    "last_operator": N_("Somebody must run this installation."),
    "not_the_operator": N_("Only operators suspend and reinstate members."),
    "bad_answer": N_(
        "A part of the installation gave an answer that cannot be read. Try again in a moment."
    ),
    "characters_not_storable": N_("This text holds characters that cannot be kept."),
    "coding_unsupported": N_("This form is not written in UTF-8."),
    "foreign_form": N_("This form was sent from another site, so it was not accepted."),
    "address_refused": N_("This is not the address of a web site, so no link leads there."),
    "stale_form": N_("This form is out of date. Reload the page and send it again."),
    "internal_error": N_("Something failed on our side. Nothing was kept half-done."),
}

_SAID_IN_FULL = ("insufficient_quota", "rate_limit_exceeded")
"""Whose sentence says what was reached, and until when."""

_FIELD_PROBLEMS = {
    "missing": N_("This is needed."),
    "string_too_short": N_("This is too short."),
    "string_too_long": N_("This is too long."),
    "too_short": N_("This is too short."),
    "too_long": N_("This is too long."),
    "string_pattern_mismatch": N_("This does not have the right form."),
}

_ANSWER_FAILED = N_("The answer could not be finished. Your question is kept; ask again.")


def words(language: Language, code: str | None, message: str) -> str:
    """The error in the reader's language, if its code is known; else its own message."""
    if code in _SAID_IN_FULL and (said := words_of_refusal(language, message)) is not None:
        return said
    known = _KNOWN.get(code or "")
    return message if known is None else language.gettext(known)


def words_of(language: Language, error: StoreError | ErrorBody) -> str:
    """The same, of an error as raised or as sent."""
    return words(language, error.code, error.message)


def words_of_answer(language: Language, message: MessageView) -> str:
    """Why an answer ended before its end; nothing when it did not, or when its reader ended it."""
    error = message.error or ""
    if message.status is TurnStatus.FAILED:
        # A code we do not know means a fault we have no better words for.
        if " " in error:
            return error
        if error in _KNOWN:
            return words(language, error, message.error_words or "")
        return language.gettext(_ANSWER_FAILED)
    if message.status is TurnStatus.STOPPED and error in _KNOWN:
        return language.gettext(_KNOWN[error])
    return ""


def field_problems(error: ValidationError) -> dict[str, str]:
    """Per field, what is wrong with it (a message id)."""
    return {
        str(detail["loc"][0]): _FIELD_PROBLEMS.get(detail["type"], N_("This is not accepted."))
        for detail in error.errors()
        if detail["loc"]
    }
