"""Builds everything about accounts: part of the gateway's composition root."""

from dataclasses import dataclass

from gateway.accounts.service.access import AccessService
from gateway.accounts.service.claiming import ClaimService
from gateway.accounts.service.keys import KeyService
from gateway.accounts.service.sessions import SessionParts, SessionService
from gateway.assistants.service.assistants import AssistantService
from gateway.budgets.service.keys import KeyBudgets
from gateway.credentials.service.changing import ProfileService
from gateway.credentials.service.confirming import ConfirmationService
from gateway.credentials.service.resetting import ResetService
from gateway.doors.service.access import VisitAccess
from gateway.doors.service.publishing import KeyDoors
from gateway.foundation import Foundation
from gateway.guessing.service import Guesses
from gateway.leaving.service.deleting import DeletionService
from gateway.leaving.service.exporting import ExportService
from gateway.letters.service import LetterService
from gateway.members.service.inviting import InviteService
from gateway.members.service.joining import JoiningService
from gateway.members.service.signing_up import SignUpService
from gateway.members.service.suspending import SuspensionService
from gateway.passwords import Passwords
from gateway.signed_in import Doorkeeper
from gateway.workspaces.service.people import PeopleService
from gateway.workspaces.service.workspaces import WorkspaceService
from runtime.provide import Provided


@dataclass(frozen=True)
class AccountNeeds:
    """What accounts take from the rest of the gateway."""

    foundation: Foundation
    passwords: Passwords
    assistants: AssistantService
    guesses: Guesses
    letters: LetterService


def wire_accounts(needs: AccountNeeds) -> Provided:
    """Members, sessions, keys, and the doorkeeper that asks for them at each call."""
    foundation, letters = needs.foundation, needs.letters
    database, clock, settings = foundation.database, foundation.clock, foundation.settings
    sends_mail = settings.mail.host is not None
    sessions = SessionService(
        SessionParts(database, needs.passwords, settings.sessions, needs.guesses, clock)
    )
    joining, resets = JoiningService(sessions), ResetService(sessions, letters)
    visits = VisitAccess(database, settings.guests, clock)
    access = AccessService(database, visits, settings.sessions.idle_days, clock)
    return {
        Doorkeeper: Doorkeeper(access.identify),
        SessionService: sessions,
        ClaimService: ClaimService(
            sessions,
            settings.sign_up,
            sends_mail=sends_mail,
            shares_with_anyone=settings.conversations.shared_with_anyone,
            admits_guests=settings.guests.admitted,
        ),
        KeyService: KeyService(
            database, needs.assistants, KeyBudgets(), KeyDoors(settings.guests), clock
        ),
        InviteService: InviteService(database, settings.web_url, clock),
        JoiningService: joining,
        SignUpService: SignUpService(joining, sessions, resets, letters, settings),
        SuspensionService: SuspensionService(database, clock),
        ConfirmationService: ConfirmationService(sessions, letters),
        ResetService: resets,
        ProfileService: ProfileService(sessions, letters, sends_mail=sends_mail),
        WorkspaceService: WorkspaceService(database, settings.sign_up, clock),
        PeopleService: PeopleService(database, clock),
        ExportService: ExportService(sessions, foundation.blobs, settings.export_bytes),
        DeletionService: DeletionService(sessions, foundation.blobs, foundation.bell),
    }
