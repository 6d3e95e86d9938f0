"""What waits to be read into the index, and what is in it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from contracts.jobs import Stage
from contracts.passages import FOREVER
from gateway.db import Transaction
from gateway.knowledge.rules import WORKING_STAGES
from gateway.knowledge.tables import Document, DocumentVersion, Passage

_OPEN = (Stage.QUEUED, *WORKING_STAGES)


@dataclass(frozen=True)
class Stocks:
    """How many documents wait or are being read, are ready, and their passages."""

    queued: int
    documents: int
    passages: int


class StocksRepository:
    """Counts inside one transaction; workspace_id None: of the whole installation."""

    def __init__(self, tx: Transaction, workspace_id: str | None) -> None:
        self._tx = tx
        self._workspace_id = workspace_id

    async def queued(self) -> int:
        """Versions that are neither ready nor failed."""
        return await self._count(
            DocumentVersion.workspace_id, DocumentVersion.stage.in_([each.value for each in _OPEN])
        )

    async def documents(self) -> int:
        """Documents that can be searched."""
        return await self._count(
            Document.workspace_id,
            Document.current_version.is_not(None),
            Document.deleted_at.is_(None),
        )

    async def passages(self) -> int:
        """Passages of the newest versions."""
        return await self._count(
            Passage.workspace_id, Passage.until_epoch == FOREVER, Passage.from_epoch < FOREVER
        )

    async def _count(
        self, workspace_id: InstrumentedAttribute[str], *conditions: ColumnElement[bool]
    ) -> int:
        query = select(func.count()).where(*conditions)
        if self._workspace_id is not None:
            query = query.where(workspace_id == self._workspace_id)
        return await self._tx.scalar(query) or 0
