"""The catalogue as one process remembers it: which listings there are, their words, their order.

Only ids come out of here. What is shown of them is read anew, under the rights of this moment.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from contracts.catalog import ListingSort
from contracts.definitions import Category
from gateway.catalog.repository.listings import ListingRepository, Words
from gateway.catalog.rules.memory import Memory, Shelved, standing_of
from gateway.catalog.rules.searching import Analysed, analysed
from gateway.clock import Clock, utc_now
from gateway.db import Database, Transaction

log = logging.getLogger(__name__)

LOOK_SECONDS = 1
STALE_SECONDS = 2
"""Whoever asks waits for a look only if the last one is older."""
SCORES_SECONDS = 10
"""How old the order may be when only ratings and uses have changed."""
IDLE_SECONDS = 60
"""Where nobody has asked for so long, nobody looks either."""
WORDS_READ = 500
T = TypeVar("T")


class Catalogue:
    """Looks at a stamp every second while people ask, and reads again what has changed.

    Everything remembered is touched in one thread of its own: a search never stops the loop, and
    never meets a half-taken change.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._reading = asyncio.Lock()
        self._looked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._asked_at = clock()
        self._stamps: tuple[Any, ...] = ()
        self._said: dict[str, tuple[int, str]] = {}
        self._memory = Memory()
        self._thread = ThreadPoolExecutor(1, "catalogue")

    async def run(self) -> None:
        """Read the catalogue before anybody asks, and keep it young until cancelled."""
        try:
            while True:
                try:
                    if self._age(self._asked_at) < timedelta(seconds=IDLE_SECONDS):
                        await self._look(LOOK_SECONDS)
                except Exception:  # a database that is away is waited for
                    log.exception("the catalogue could not be read")
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def found(
        self,
        query: str,
        sort: ListingSort,
        category: Category | None,
        tag: str,
        meant: Sequence[str] = (),
    ) -> Sequence[str]:
        """The ids of all that fits, in order. meant: see Memory."""
        return await self._answer(partial(self._memory.found, query, sort, category, tag, meant))

    async def shelves(self, most: int) -> Sequence[Shelved]:
        """The front of the store, so many ids of each shelf; 12 at most."""
        return await self._answer(partial(self._memory.shelves, most))

    async def categories(self) -> tuple[Sequence[tuple[Category, int]], int]:
        """Categories with their numbers of listings, the fullest first, and of all listings."""
        return await self._answer(self._memory.categories)

    async def of_builder(self, handle: str) -> Sequence[str]:
        """The ids of a builder's listings, the best first."""
        return await self._answer(partial(self._memory.of_builder, handle))

    async def beside(self, slug: str, most: int) -> Sequence[str]:
        """The best other ids of whoever builds the listing of this slug."""
        return await self._answer(partial(self._memory.beside, slug, most))

    async def _answer(self, work: Callable[[], T]) -> T:
        self._asked_at = self._clock()
        await self._look(STALE_SECONDS)
        return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _look(self, seconds: int) -> None:
        if not self._is_due(seconds):
            return
        async with self._reading:
            if self._is_due(seconds):
                await self._read()

    def _is_due(self, seconds: int) -> bool:
        return self._looked_at is None or self._age(self._looked_at) >= timedelta(seconds=seconds)

    def _age(self, moment: datetime) -> timedelta:
        # Whoever moves the clock back is looked for at once as well.
        return abs(self._clock() - moment)

    async def _read(self) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            repository = ListingRepository(tx)
            stamps = (await repository.stamp(), await repository.scores_stamp(), now.date())
            if self._is_read(stamps, now):
                self._looked_at = now
                return
            places = await repository.places(now)
            said = {each.id: (each.version, each.builder) for each in places}
            changed = [name for name in said if self._said.get(name) != said[name]]
            words = await self._words(tx, changed)
        standing = await asyncio.to_thread(standing_of, places, now)
        # In one piece: whoever asks sees all of it or nothing.
        await self._in_thread(partial(self._memory.take, standing, words))
        self._said, self._stamps = said, stamps
        self._looked_at, self._read_at = now, now

    async def _words(self, tx: Transaction, ids: Sequence[str]) -> dict[str, Analysed]:
        found: dict[str, Analysed] = {}
        # A first look reads all there are: by pieces, between which others are answered.
        for begin in range(0, len(ids), WORDS_READ):
            said = await ListingRepository(tx).words(ids[begin : begin + WORDS_READ])
            found |= await self._in_thread(partial(_analysed, said))
        return found

    def _is_read(self, stamps: tuple[Any, ...], now: datetime) -> bool:
        if self._read_at is None or stamps[0] != self._stamps[0]:
            return False
        is_young = abs(now - self._read_at) < timedelta(seconds=SCORES_SECONDS)
        return is_young or stamps == self._stamps


def _analysed(said: Sequence[Words]) -> dict[str, Analysed]:
    return {
        each.id: analysed(each.name, each.tags, each.builder, each.description) for each in said
    }
