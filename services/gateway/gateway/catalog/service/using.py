"""Who used a listing: noted where answers end, in the same commit."""

from datetime import datetime

from gateway.catalog.repository.ratings import RatingRepository
from gateway.db import Transaction
from gateway.policy.rules import Asker


async def note_use(
    tx: Transaction, asker: Asker, assistant_id: str, now: datetime, *, is_first: bool
) -> None:
    """A published assistant has answered somebody; its builders' own questions do not count.

    is_first: it is the first answer of its conversation. To be called once for each answer, in the
    transaction that ends it.
    """
    await RatingRepository(tx).note_use(asker, assistant_id, now, is_first=is_first)
