"""Builds what people show each other: links to conversations and the store; part of the gateway's
composition root."""

from gateway.catalog.service.catalogue import Catalogue
from gateway.catalog.service.listings import ListingService
from gateway.catalog.service.rating import RatingService
from gateway.foundation import Foundation
from gateway.guessing.service import Guesses
from gateway.letters.service import LetterService
from gateway.members.service.roster import WorkspaceRoster
from gateway.moderation.service.answering import TakedownService
from gateway.moderation.service.featuring import FeaturingService
from gateway.moderation.service.judging import JudgingService
from gateway.moderation.service.reporting import ReportService
from gateway.shares.service.making import SharingService
from gateway.shares.service.opening import SharedService
from runtime.provide import Provided


def wire_store(foundation: Foundation) -> Provided:
    """The catalogue of public assistants, and what people say of them."""
    database, clock = foundation.database, foundation.clock
    catalogue, model = Catalogue(database, clock), foundation.settings.default_model
    return {
        ListingService: ListingService(database, catalogue, model),
        RatingService: RatingService(database, clock),
    }


def wire_shown(foundation: Foundation, guesses: Guesses, letters: LetterService) -> Provided:
    """What people show each other beside the store, and who keeps that in order."""
    return {**wire_shares(foundation, guesses), **wire_moderation(foundation, letters)}


def wire_moderation(foundation: Foundation, letters: LetterService) -> Provided:
    """Reports, their judgement, and the store's first shelf."""
    database, clock = foundation.database, foundation.clock
    return {
        ReportService: ReportService(database, clock),
        JudgingService: JudgingService(database, letters, clock),
        TakedownService: TakedownService(database, clock),
        FeaturingService: FeaturingService(database),
    }


def wire_shares(foundation: Foundation, guesses: Guesses) -> Provided:
    """Links to conversations, and what they show."""
    database, settings = foundation.database, foundation.settings
    is_for_anyone = settings.conversations.shared_with_anyone
    return {
        SharingService: SharingService(database, settings.web_url, foundation.clock),
        SharedService: SharedService(
            database, WorkspaceRoster(), guesses, is_for_anyone=is_for_anyone
        ),
    }
