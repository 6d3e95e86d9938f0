"""A member's folders."""

from sqlalchemy import func, select

from gateway.conversations.repository.sources import FOLDERS
from gateway.conversations.tables import Folder
from gateway.db import Transaction
from gateway.paging import PageRequest, Rows, fetch_page
from gateway.policy.repository.conditions import may
from gateway.policy.rules import Asker
from gateway.policy.words import Action


class FolderRepository:
    """Folders inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def add(self, folder: Folder) -> None:
        """Make it part of this transaction."""
        self._tx.add(folder)

    async def remove(self, folder: Folder) -> None:
        """Take it away; what lay in it lies in none."""
        await self._tx.delete(folder)

    async def page(self, asker: Asker, page: PageRequest) -> Rows[Folder]:
        """The asker's folders."""
        return await fetch_page(
            self._tx, select(Folder).where(may(asker, Action.SEE, FOLDERS)), Folder.id, page
        )

    async def count(self, asker: Asker) -> int:
        """How many there are."""
        query = select(func.count()).where(may(asker, Action.SEE, FOLDERS))
        return await self._tx.scalar(query) or 0

    async def has_named(self, asker: Asker, name: str, but: str = "") -> bool:
        """Whether another folder of theirs has this name."""
        query = select(Folder.id).where(
            may(asker, Action.SEE, FOLDERS), Folder.name == name, Folder.id != but
        )
        return await self._tx.scalar(query.limit(1)) is not None
