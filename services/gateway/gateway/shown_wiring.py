"""Builds what people show each other: links to conversations and the store; part of the gateway's
composition root."""

from gateway.answering.service.models import ServedModelList
from gateway.catalog.service.catalogue import Catalogue
from gateway.catalog.service.choices import ChoiceService
from gateway.catalog.service.listings import ListingService
from gateway.catalog.service.prices import ListedPrices
from gateway.catalog.service.rating import RatingService
from gateway.chat_wiring import ChatNeeds
from gateway.foundation import Foundation
from gateway.guessing.service import Guesses
from gateway.members.service.roster import WorkspaceRoster
from gateway.shares.service.making import SharingService
from gateway.shares.service.opening import SharedService
from runtime.provide import Provided


def wire_store(foundation: Foundation, catalogue: Catalogue, needs: ChatNeeds) -> Provided:
    """The catalogue of public assistants, and what people say of them."""
    database, clock = foundation.database, foundation.clock
    model = foundation.settings.default_model
    models = ServedModelList(needs.inference, model, needs.prices)
    return {
        ListingService: ListingService(database, catalogue, ListedPrices(models), model),
        ChoiceService: ChoiceService(database, clock),
        RatingService: RatingService(database, clock),
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
