"""The task beside each gateway that counts people and votes, and finds copies."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from gateway.catalog.repository.counting import Counted, CountingRepository, Printed
from gateway.catalog.rules.likeness import are_alike, likeness_of
from gateway.catalog.rules.listed import Cost
from gateway.catalog.rules.ranking import weighed
from gateway.catalog.tables import ListingScore
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction

log = logging.getLogger(__name__)

BATCH = 50
PRINTS = 10
RESTS = 3
POLL_SECONDS = 10.0
_NOBODY = Counted((), 0, 0, 0, (0, 0, 0, 0, 0))


class ListingCounter:
    """Counts anew, never up: what is counted twice comes out the same. Of several gateways one at a
    time counts."""

    def __init__(self, database: Database, clock: Clock = utc_now, batch: int = BATCH) -> None:
        self._database = database
        self._clock = clock
        self._batch = batch

    async def run(self) -> None:
        """Count until cancelled. A database that is away is waited for."""
        while True:
            try:
                while await unhurried(self.count) == self._batch:
                    pass
                while await unhurried(self.compare) == PRINTS:
                    pass
            except Exception:  # whatever it was, a store that stands still would be worse
                log.exception("listings could not be counted")
            await asyncio.sleep(POLL_SECONDS)

    async def count(self) -> int:
        """Count some of the listings that are due, and say how many."""
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = CountingRepository(tx)
            if not await repository.is_alone():
                return 0
            await repository.list_new(now)
            due = await repository.due(now, self._batch)
            ids = [each.assistant_id for each in due]
            counted = await repository.counted(ids, now)
            costs = await repository.costs(ids, now)
            for score in due:
                _price(score, costs.get(score.assistant_id))
                if _write(score, counted.get(score.assistant_id, _NOBODY)):
                    score.changed_at = now
                score.counted_at = now
            return len(due)

    async def compare(self) -> int:
        """Look at some versions that were not compared yet, and say how many."""
        async with self._database.transaction() as tx:
            repository = CountingRepository(tx)
            if not await repository.is_alone():
                return 0
            unprinted = await repository.unprinted(PRINTS)
            for each in unprinted:
                files = await repository.file_hashes(each.collection_ids)
                # A long text takes some milliseconds, and answers are being streamed meanwhile.
                likeness = await asyncio.to_thread(likeness_of, each.instructions, files)
                former = await repository.print_of(each.assistant_id)
                is_same = former is not None and are_alike(former.likeness, likeness)
                since = former.since if former is not None and is_same else None
                printed = Printed(
                    each.assistant_id,
                    likeness,
                    since or (each.listed_at if former is None else self._clock()),
                )
                await repository.keep_print(each.version, printed)
                await self._placed(tx, printed)
            return len(unprinted)

    async def _placed(self, tx: Transaction, printed: Printed) -> None:
        """Say which listing it repeats, and which repeat it."""
        repository = CountingRepository(tx)
        former_copies = await repository.copies_of(printed.assistant_id)
        near = await repository.perhaps_alike(printed)
        alike = [each for each in near if are_alike(each.likeness, printed.likeness)]
        family = sorted([printed, *alike], key=lambda each: (each.since, each.assistant_id))
        first, now = family[0].assistant_id, self._clock()
        for each in family:
            original = None if each.assistant_id == first else first
            await repository.call_similar(each.assistant_id, original, now)
        names = {each.assistant_id for each in family}
        for each in former_copies:
            # It was a copy of what this listing was before.
            if each.assistant_id not in names:
                await repository.call_similar(each.assistant_id, None, now)


async def unhurried(work: Callable[[], Awaitable[int]]) -> int:
    """Rest as long as it worked, times RESTS: whoever asks for something comes first."""
    began = time.perf_counter()
    done = await work()
    await asyncio.sleep(RESTS * (time.perf_counter() - began))
    return done


def _price(score: ListingScore, cost: Cost | None) -> None:
    """Put down what its answers cost. The order of listings does not depend on it."""
    score.price_currency = None if cost is None else cost.currency
    score.price_pico = None if cost is None else cost.pico


def _write(score: ListingScore, counted: Counted) -> bool:
    """Put down what was counted; whether anything came out otherwise."""
    weights = weighed(counted.voters)
    found = {
        "people": counted.people,
        "conversations": counted.conversations,
        "answers": counted.answers,
        "stars": list(counted.stars),
        "weighed_people": weights.people,
        "weighed_votes": weights.votes,
        "weighed_stars": weights.stars,
        "recent_people": weights.recent,
        "former_people": weights.former,
    }
    if all(getattr(score, name) == value for name, value in found.items()):
        return False
    for name, value in found.items():
        setattr(score, name, value)
    return True
