"""A member's folders: made, listed, renamed, taken away."""

from contracts.conversations import FolderCreate, FolderView
from contracts.ids import new_id
from contracts.lists import Deleted, Page
from gateway.caller import Caller
from gateway.clock import unix_seconds, utc_now
from gateway.conversations.errors import FolderNameTaken, TooManyFolders
from gateway.conversations.repository.folders import FolderRepository
from gateway.conversations.repository.sources import FOLDERS
from gateway.conversations.tables import Folder
from gateway.db import Database, Transaction
from gateway.paging import PageRequest, as_page
from gateway.policy.loading import Hold, load
from gateway.policy.words import Action

MOST_FOLDERS = 100


class FolderService:
    """What a member does with folders. Nobody sees another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, caller: Caller, wanted: FolderCreate) -> FolderView:
        """Make a folder. Raises FolderNameTaken, TooManyFolders."""
        folder = Folder(
            id=new_id("fld_"),
            workspace_id=caller.workspace_id,
            member_id=caller.member_id,
            name=wanted.name,
            created_at=utc_now(),
        )
        async with self._database.transaction() as tx:
            folders = FolderRepository(tx)
            if await folders.count(caller) >= MOST_FOLDERS:
                raise TooManyFolders(f"There are {MOST_FOLDERS} folders already.")
            await _check_name(tx, caller, wanted.name)
            folders.add(folder)
        return folder_view(folder)

    async def list(self, caller: Caller, page: PageRequest) -> Page[FolderView]:
        """The caller's folders."""
        async with self._database.transaction() as tx:
            rows = await FolderRepository(tx).page(caller, page)
        return as_page(rows, folder_view, lambda view: view.id)

    async def rename(self, caller: Caller, folder_id: str, wanted: FolderCreate) -> FolderView:
        """Give it another name. Raises FolderNameTaken."""
        async with self._database.transaction() as tx:
            folder = await load(tx, caller, Action.EDIT, FOLDERS, folder_id, Hold.ALONE)
            await _check_name(tx, caller, wanted.name, folder.id)
            folder.name = wanted.name
        return folder_view(folder)

    async def delete(self, caller: Caller, folder_id: str) -> Deleted:
        """Take it away; the conversations in it stay, in no folder."""
        async with self._database.transaction() as tx:
            folder = await load(tx, caller, Action.DELETE, FOLDERS, folder_id, Hold.ALONE)
            await FolderRepository(tx).remove(folder)
        return Deleted(id=folder_id, object="folder.deleted")


def folder_view(folder: Folder) -> FolderView:
    """A folder in the API's shape."""
    return FolderView(id=folder.id, name=folder.name, created_at=unix_seconds(folder.created_at))


async def _check_name(tx: Transaction, caller: Caller, name: str, but: str = "") -> None:
    if await FolderRepository(tx).has_named(caller, name, but):
        raise FolderNameTaken(f"There is a folder {name} already.", param="name")
