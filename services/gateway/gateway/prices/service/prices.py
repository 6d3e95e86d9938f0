"""Prices as people see and set them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from contracts.generation import ModelPrice
from contracts.ids import new_id
from contracts.lists import Page
from contracts.prices import PriceCreate, PriceView
from gateway.audit.rules import Act
from gateway.audit.service.acts import Acts
from gateway.caller import Caller
from gateway.clock import Clock, unix_seconds, utc_now
from gateway.db import Database
from gateway.policy.loading import require
from gateway.policy.rules import Thing, may_anywhere
from gateway.policy.words import Action, Kind
from gateway.prices.errors import PriceInThePast, PricesNotYours, UnknownModel
from gateway.prices.repository import MOST_PRICES, PriceRepository
from gateway.prices.rules import current, status_of
from gateway.prices.service.overlay import PriceList, dated
from gateway.prices.tables import Price
from gateway.usage.rules import per_million, pico_per_token

Use = Literal["chat", "embedding", "rerank"]


@dataclass(frozen=True)
class PricedModel:
    """A model of the installation, what its tokens are for, and the price it comes with."""

    id: str
    use: Use
    price: ModelPrice


KnownModels = Callable[[Caller], Awaitable[Sequence[PricedModel]]]
"""Every model that can be called now, on behalf of somebody."""


class PriceService:
    """The dated list, and new rows of it."""

    def __init__(
        self, database: Database, prices: PriceList, known: KnownModels, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._prices = prices
        self._known = known
        self._clock = clock

    async def all(self, caller: Caller, model: str | None) -> Page[PriceView]:
        """Every price, set ones and defaults, the latest of each model first."""
        known = {each.id: each for each in await self._known(caller) if model in (None, each.id)}
        async with self._database.transaction() as tx:
            repository = PriceRepository(tx)
            latest = await repository.all(model)
            # What counts now is shown, however many were set after it.
            current_ones = await repository.from_now_on(self._clock(), model)
            rows = list({row.id: row for row in (*latest[:MOST_PRICES], *current_ones)}.values())
            shows_people = may_anywhere(caller, Action.ADMINISTER, Kind.INSTALLATION)
            setters = [row.created_by for row in rows] if shows_people else []
            names = await repository.member_names(setters)
        views = [*self._set_views(rows, known, names), *self._default_views(rows, known)]
        # Sorting is stable: within a model they stay the latest first, its default last.
        views.sort(key=lambda view: view.model)
        return Page(data=views, has_more=len(latest) > MOST_PRICES)

    async def set(self, caller: Caller, wanted: PriceCreate) -> PriceView:
        """A new price from now or a later moment on. What was charged stays as it was."""
        self._check_operator(caller)
        known = {each.id: each for each in await self._known(caller)}
        now = self._clock()
        valid_from = now if wanted.valid_from is None else _moment(wanted.valid_from, now)
        row = Price(
            id=new_id("prc_"),
            model=wanted.model,
            currency=wanted.currency,
            input_pico=pico_per_token(wanted.input_per_million),
            cached_input_pico=pico_per_token(wanted.cached_input_per_million),
            output_pico=pico_per_token(wanted.output_per_million),
            valid_from=valid_from,
            created_by=caller.member_id,
            created_at=now,
        )
        async with self._database.transaction() as tx:
            repository = PriceRepository(tx)
            if wanted.model not in known and not await repository.knows(wanted.model):
                raise UnknownModel(
                    "No model here has exactly this name: see the list of prices.", param="model"
                )
            repository.add(row)
            Acts(tx).record(Act.PRICE_SET, caller, row.id)
        self._prices.forget()
        [view] = self._set_views([row], known, {caller.member_id: caller.member_name})
        return view

    def _check_operator(self, caller: Caller) -> None:
        barred = PricesNotYours("Only those who run this installation set prices.")
        installation = Thing(Kind.INSTALLATION, "installation", None)
        require(caller, Action.ADMINISTER, installation, barred)

    def _set_views(
        self, rows: Sequence[Price], known: dict[str, PricedModel], names: dict[str, str]
    ) -> list[PriceView]:
        now, prices = self._clock(), [dated(row) for row in rows]
        return [
            PriceView(
                id=row.id,
                model=row.model,
                use=known[row.model].use if row.model in known else "none",
                currency=row.currency,
                input_per_million=per_million(row.input_pico),
                cached_input_per_million=per_million(row.cached_input_pico),
                output_per_million=per_million(row.output_pico),
                status=status_of(price, prices, now),
                is_default=False,
                valid_from=unix_seconds(row.valid_from),
                as_of=row.valid_from.date().isoformat(),
                created_by=row.created_by if row.created_by in names else None,
                created_by_name=names.get(row.created_by) or None,
                created_at=unix_seconds(row.created_at),
            )
            for row, price in zip(rows, prices, strict=True)
        ]

    def _default_views(
        self, rows: Sequence[Price], known: dict[str, PricedModel]
    ) -> list[PriceView]:
        now, prices = self._clock(), [dated(row) for row in rows]
        return [
            PriceView(
                id=None,
                model=model.id,
                use=model.use,
                currency=model.price.currency,
                input_per_million=model.price.input_per_million,
                cached_input_per_million=model.price.cached_input_per_million,
                output_per_million=model.price.output_per_million,
                status="current" if current(prices, model.id, now) is None else "past",
                is_default=True,
                valid_from=None,
                as_of=model.price.as_of,
            )
            for model in known.values()
        ]


def _moment(given: int, now: datetime) -> datetime:
    """A moment of the present second counts as now: people's clocks have no finer hand."""
    if given < int(now.timestamp()):
        raise PriceInThePast(
            "A price counts from now on or from a later moment, never for the past.",
            param="valid_from",
        )
    return max(now, datetime.fromtimestamp(given, UTC))
