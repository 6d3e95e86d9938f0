"""Passages for those who may read them: the second lock, after retrieval's filter."""

from collections.abc import Sequence

from contracts.files import PassageView
from contracts.passages import PassageFlag
from contracts.principal import CollectionGrant
from gateway.caller import Caller
from gateway.db import Database, Transaction
from gateway.knowledge.errors import PassageNotFound
from gateway.knowledge.repository.passages import PassageRepository
from gateway.knowledge.rules import LoadedPassage, neighbours
from gateway.policy.refusals import Refusal, refused
from gateway.policy.words import Action, Kind, Verdict


class PassageReader:
    """Loads passages. Whatever an index said, only what the grants allow comes back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(
        self, workspace_id: str, passage_ids: Sequence[str], grants: Sequence[CollectionGrant]
    ) -> list[LoadedPassage]:
        """The passages that may be read, in the order asked; the others are left out silently."""
        if not passage_ids or not grants:
            return []
        async with self._database.transaction() as tx:
            found = await PassageRepository(tx).granted(workspace_id, passage_ids, grants)
        return [found[passage_id] for passage_id in passage_ids if passage_id in found]

    async def beginning(
        self, workspace_id: str, grants: Sequence[CollectionGrant], limit: int
    ) -> list[LoadedPassage]:
        """The first passages of what may be read, of each document its first before its second."""
        if not grants:
            return []
        async with self._database.transaction() as tx:
            return await PassageRepository(tx).first(workspace_id, grants, limit)

    async def beside(
        self,
        workspace_id: str,
        passages: Sequence[LoadedPassage],
        grants: Sequence[CollectionGrant],
    ) -> list[LoadedPassage]:
        """The neighbours of passages within their section, the best passage's first."""
        if not passages or not grants:
            return []
        places = {
            (passage.document_version_id, passage.index + step)
            for passage in passages
            for step in (-1, 1)
        }
        async with self._database.transaction() as tx:
            found = await PassageRepository(tx).granted_at(workspace_id, places, grants)
        return neighbours(passages, found)

    async def show(self, caller: Caller, passage_id: str) -> PassageView:
        """One passage for the page that a citation opens."""
        async with self._database.transaction() as tx:
            return passage_view(await readable_passage(tx, caller, passage_id))


async def readable_passage(tx: Transaction, caller: Caller, passage_id: str) -> LoadedPassage:
    """A passage, current or superseded, of a collection that the caller may read."""
    found = await PassageRepository(tx).read_by(caller, passage_id)
    if found is None:
        missing = PassageNotFound(f"There is no passage {passage_id}.")
        what = Refusal(Action.DOWNLOAD, Kind.COLLECTION, passage_id, Verdict.HIDDEN)
        raise refused(missing, what)
    return found


def passage_view(passage: LoadedPassage) -> PassageView:
    """The wire form of a passage."""
    return PassageView(
        id=passage.passage_id,
        file_id=passage.file_id,
        filename=passage.filename,
        source_url=passage.source_url,
        document_version=passage.document_version,
        page=passage.page,
        header=passage.header,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        flags=[PassageFlag(flag) for flag in passage.flags],
        is_off=passage.is_off,
    )
