"""What a listing's model costs, while too few of its answers were paid to say more."""

import asyncio
import logging

from contracts.catalog import TokensPrice
from contracts.errors import StoreError
from gateway.answering.service.models import ServedModelList
from gateway.money import money, pico

log = logging.getLogger(__name__)

WAIT_SECONDS = 0.5
"""A page does not wait longer for engines that are slow to name their models."""
TOKENS, PRICED_BY = 1_000, 1_000_000


class ListedPrices:
    """Asks for the prices of models as calls are priced by them."""

    def __init__(self, models: ServedModelList) -> None:
        self._models = models

    async def of(self, model_id: str) -> TokensPrice | None:
        """By 1,000 tokens; None for a model that is not served now."""
        try:
            model = await asyncio.wait_for(self._models.find(model_id), WAIT_SECONDS)
        except (StoreError, TimeoutError) as error:
            log.warning("prices of models were not listed: %s", error)
            return None
        if model is None:
            return None
        price = model.price
        return TokensPrice(
            input=_by_thousand(price.input_per_million),
            output=_by_thousand(price.output_per_million),
            currency=price.currency,
        )


def _by_thousand(per_million: str) -> str:
    return money(pico(per_million) * TOKENS // PRICED_BY)
