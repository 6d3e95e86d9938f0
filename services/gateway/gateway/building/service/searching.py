"""The search of an assistant, made visible to its builders."""

import time
from collections.abc import Sequence

from contracts.building import RankedPassage, RankedPassages, TestSearch
from contracts.clients.retrieval import RetrievalClient
from contracts.ids import new_id
from contracts.passages import SearchHit, SearchRequest
from contracts.principal import CollectionGrant, Principal
from gateway.answering.relevance import worth_reading
from gateway.assistants.rules import RunnableAssistant
from gateway.assistants.service.assistants import AssistantService
from gateway.caller import Caller
from gateway.charges import Charges, Occasion
from gateway.db import Database
from gateway.knowledge.repository.sources import COLLECTIONS
from gateway.knowledge.rules import LoadedPassage
from gateway.knowledge.service.reading import PassageReader
from gateway.payer import Payer
from gateway.policy.loading import permitted
from gateway.policy.words import Action

SPARE_HITS = 10
"""Hits asked for beyond the wanted ones: the second lock may refuse some."""


class TestSearchService:
    """Searches as an answer of the draft would, within what the builder may read."""

    __test__ = False  # no test, whatever its name begins with

    def __init__(
        self,
        database: Database,
        assistants: AssistantService,
        retrieval: RetrievalClient,
        passages: PassageReader,
        charges: Charges,
    ) -> None:
        self._database = database
        self._assistants = assistants
        self._retrieval = retrieval
        self._passages = passages
        self._charges = charges

    async def search(self, caller: Caller, assistant_id: str, wanted: TestSearch) -> RankedPassages:
        """The passages nearest to a question, best first."""
        assistant = await self._assistants.resolve(caller, assistant_id, draft=True)
        grants = await self._readable(caller, assistant.grants)
        withheld = len(assistant.grants) - len(grants)
        found = await self._found(caller, assistant, grants, wanted) if grants else []
        return RankedPassages(query=wanted.query, data=found, withheld_collections=withheld)

    async def _readable(
        self, caller: Caller, grants: Sequence[CollectionGrant]
    ) -> list[CollectionGrant]:
        """An assistant reads with its owner's rights; whole passages are shown to those alone who
        may read the files themselves."""
        ids = [grant.collection_id for grant in grants]
        async with self._database.transaction() as tx:
            readable = await permitted(tx, caller, Action.DOWNLOAD, COLLECTIONS, ids)
        return [grant for grant in grants if grant.collection_id in readable]

    async def _found(
        self,
        caller: Caller,
        assistant: RunnableAssistant,
        grants: Sequence[CollectionGrant],
        wanted: TestSearch,
    ) -> list[RankedPassage]:
        principal = Principal(
            workspace_id=caller.workspace_id, member_id=caller.member_id, collections=tuple(grants)
        )
        request = SearchRequest(query=wanted.query, limit=wanted.limit + SPARE_HITS)
        started, result = time.monotonic(), await self._retrieval.search(principal, request)
        total_ms = int((time.monotonic() - started) * 1000)
        self._charges.searched(_occasion(caller, assistant), new_id("search_"), [result], total_ms)
        hits = {hit.passage_id: hit for hit in result.hits}
        loaded = await self._passages.load(caller.workspace_id, list(hits), grants)
        pairs = [(each, hits[each.passage_id]) for each in loaded]
        model, strictness = result.stamp.model_id, assistant.retrieval.strictness
        read = {each.passage_id for each in worth_reading(wanted.query, pairs, model, strictness)}
        return [_ranked(each, hit, read) for each, hit in pairs[: wanted.limit]]


def _occasion(caller: Caller, assistant: RunnableAssistant) -> Occasion:
    payer = Payer(caller.workspace_id, caller.member_id, assistant.id, caller.key_id, caller.power)
    return Occasion(payer)


def _ranked(passage: LoadedPassage, hit: SearchHit, read: set[str]) -> RankedPassage:
    return RankedPassage(
        passage_id=passage.passage_id,
        file_id=passage.file_id,
        filename=passage.filename,
        document_version=passage.document_version,
        page=passage.page,
        header=passage.header,
        text=passage.text,
        score=hit.score,
        similarity=hit.similarity,
        words=hit.words,
        is_read=passage.passage_id in read,
    )
