"""Builds what people show each other: links to conversations, doors to assistants and the store;
part of the gateway's composition root."""

from collections.abc import Coroutine
from typing import Any

from gateway.allowances.service import AllowanceService
from gateway.answering.service.models import ServedModelList
from gateway.catalog.service.catalogue import Catalogue
from gateway.catalog.service.choices import ChoiceService
from gateway.catalog.service.counting import ListingCounter
from gateway.catalog.service.indexing import ListingIndexer
from gateway.catalog.service.listings import ListingService
from gateway.catalog.service.meaning import MeaningSearch
from gateway.catalog.service.prices import ListedPrices
from gateway.catalog.service.rating import RatingService
from gateway.chat_wiring import ChatNeeds
from gateway.doors.service.erasing import EraserParts, GuestEraser
from gateway.doors.service.links import LinkService
from gateway.doors.service.visiting import DoorParts, VisitService
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
from gateway.turn_stream import TurnStream
from runtime.provide import Provided


def wire_store(foundation: Foundation, catalogue: Catalogue, needs: ChatNeeds) -> Provided:
    """The catalogue of public assistants, and what people say of them."""
    database, clock = foundation.database, foundation.clock
    model = foundation.settings.default_model
    models = ServedModelList(needs.inference, model, needs.prices)
    return {
        ListingService: ListingService(
            database, catalogue, MeaningSearch(needs.retrieval), ListedPrices(models), model
        ),
        ChoiceService: ChoiceService(database, clock),
        RatingService: RatingService(database, clock),
    }


def beside_store(
    foundation: Foundation, needs: ChatNeeds, catalogue: Catalogue
) -> dict[str, Coroutine[Any, Any, None]]:
    """What keeps the store's numbers, its meanings and its memory young."""
    database, clock = foundation.database, foundation.clock
    return {
        "listings": ListingCounter(database, clock).run(),
        "meanings": ListingIndexer(database, needs.retrieval, clock).run(),
        "catalogue": catalogue.run(),
    }


def allowances_of(foundation: Foundation) -> AllowanceService:
    """What bounds the answers of guests."""
    settings = foundation.settings
    key = settings.shared.purpose_key("guests' networks")
    return AllowanceService(settings.guests, key, foundation.clock)


def wire_doors(
    foundation: Foundation, guesses: Guesses, allowances: AllowanceService, stream: TurnStream
) -> Provided:
    """Ways to assistants from outside, and the guests who come by them."""
    database, settings, clock = foundation.database, foundation.settings, foundation.clock
    limits = settings.guests
    return {
        LinkService: LinkService(database, settings.web_url, clock),
        VisitService: VisitService(DoorParts(database, guesses, allowances, limits, clock)),
        GuestEraser: GuestEraser(EraserParts(database, stream, allowances, limits, clock)),
    }


def wire_shown(
    foundation: Foundation, guesses: Guesses, letters: LetterService, needs: ChatNeeds
) -> Provided:
    """What people show each other beside the store, and who keeps that in order."""
    return {
        **wire_shares(foundation, guesses),
        **wire_doors(foundation, guesses, needs.allowances, needs.turn_stream),
        **wire_moderation(foundation, letters),
    }


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
