"""The installation's prices over those the models come with."""

from collections.abc import Sequence

from contracts.generation import ModelPrice, ServedModel
from gateway.clock import Clock, utc_now
from gateway.db import Database
from gateway.prices.repository import PriceRepository
from gateway.prices.rules import DatedPrice, with_price
from gateway.prices.tables import Price
from gateway.remembered import Remembered
from gateway.settings import SearchPrices

_NO_WINDOW = 0


class PriceList:
    """What every call is priced by. A change holds on every gateway within five seconds."""

    def __init__(self, database: Database, search: SearchPrices, clock: Clock = utc_now) -> None:
        self._database = database
        self._search = search
        self._clock = clock
        self._prices: Remembered[Sequence[DatedPrice]] = Remembered("prices", self._read)

    async def over(self, models: Sequence[ServedModel]) -> list[ServedModel]:
        """The models at the prices of this moment."""
        prices, now = await self._prices.get(), self._clock()
        return [with_price(model, prices, now) for model in models]

    async def embedding(self, model_id: str, engine: str) -> ServedModel:
        """The model that questions and documents are embedded with, at its price."""
        [model] = await self.over([_search_model(model_id, engine, self.embedding_default())])
        return model

    async def reranker(self, model_id: str, engine: str) -> ServedModel:
        """The model that reranks, at its price."""
        [model] = await self.over([_search_model(model_id, engine, self.rerank_default())])
        return model

    def embedding_default(self) -> ModelPrice:
        """What embedding costs where nobody has set another price."""
        search = self._search
        return _default(search, str(search.embedding_per_million))

    def rerank_default(self) -> ModelPrice:
        """The same of reranking."""
        search = self._search
        return _default(search, str(search.rerank_per_million))

    def forget(self) -> None:
        """A price was set by this gateway."""
        self._prices.forget()

    async def _read(self) -> Sequence[DatedPrice]:
        async with self._database.transaction() as tx:
            rows = await PriceRepository(tx).from_now_on(self._clock())
        return [dated(row) for row in rows]


def dated(row: Price) -> DatedPrice:
    """A row as rules read it."""
    return DatedPrice(
        id=row.id,
        model=row.model,
        currency=row.currency,
        input_pico=row.input_pico,
        cached_input_pico=row.cached_input_pico,
        output_pico=row.output_pico,
        valid_from=row.valid_from,
    )


def _default(search: SearchPrices, per_million: str) -> ModelPrice:
    # A question that retrieval remembers costs nobody anything, and nothing comes out but vectors.
    return ModelPrice(
        currency=search.currency,
        input_per_million=per_million,
        cached_input_per_million="0",
        output_per_million="0",
        as_of=search.as_of.isoformat(),
    )


def _search_model(model_id: str, engine: str, price: ModelPrice) -> ServedModel:
    return ServedModel(id=model_id, engine=engine, window_tokens=_NO_WINDOW, price=price)
