"""Collections, the documents in them, and their passages."""

from http import HTTPStatus
from typing import BinaryIO

import httpx2

from contracts.clients.http import parsed, remote_error
from contracts.errors import ErrorKind, StoreError
from contracts.files import (
    CollectionCreate,
    CollectionView,
    DocumentCreate,
    DocumentReplace,
    DocumentView,
    FileView,
    PassageModify,
    PassageSurroundings,
    PassageView,
    WebPageCreate,
)
from contracts.lists import Deleted, Page
from web.clients.gateway import UPLOAD_TIMEOUT, Gateway, headers_for, no_answer

PAGE_SIZE = 100
MOST_PAGES = 10


class Knowledge:
    """What assistants know."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def create(self, token: str, name: str) -> CollectionView:
        """Make an empty collection."""
        body = CollectionCreate(name=name)
        return await self._gateway.post(CollectionView, token, "/v1/vector_stores", body)

    async def documents(self, token: str, collection_id: str) -> list[DocumentView]:
        """The files of a collection, newest first; of very many, the newest thousand."""
        found: list[DocumentView] = []
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        for _ in range(MOST_PAGES):
            path = f"/v1/vector_stores/{collection_id}/files"
            page = await self._gateway.get(Page[DocumentView], token, path, query)
            found += page.data
            if not page.has_more or page.last_id is None:
                break
            query["after"] = page.last_id
        return found

    async def document(self, token: str, collection_id: str, file_id: str) -> DocumentView:
        """One file and how far it is."""
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}"
        return await self._gateway.get(DocumentView, token, path)

    async def add(
        self, token: str, collection_id: str, filename: str, content: BinaryIO
    ) -> DocumentView:
        """Store a file, and put it into the collection."""
        stored = await self._stored(token, filename, content)
        path = f"/v1/vector_stores/{collection_id}/files"
        body = DocumentCreate(file_id=stored.id)
        return await self._gateway.post(DocumentView, token, path, body)

    async def replace(
        self, token: str, place: tuple[str, str], filename: str, content: BinaryIO
    ) -> DocumentView:
        """Store a file, and have it read as another's next version. place: ids of collection and
        file."""
        stored = await self._stored(token, filename, content)
        path = f"/v1/vector_stores/{place[0]}/files/{place[1]}/replace"
        try:
            body = DocumentReplace(file_id=stored.id)
            return await self._gateway.post(DocumentView, token, path, body)
        except StoreError:
            await self._gateway.delete(Deleted, token, f"/v1/files/{stored.id}")
            raise

    async def _stored(self, token: str, filename: str, content: BinaryIO) -> FileView:
        # Streamed from where it was spooled.
        try:
            response = await self._gateway.http.post(
                "/v1/files",
                data={"purpose": "assistants"},
                files={"file": (filename, content)},
                headers=headers_for(token),
                timeout=UPLOAD_TIMEOUT,
            )
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        return parsed(FileView, response)

    async def flagged(
        self, token: str, collection_id: str, file_id: str, after: str = ""
    ) -> Page[PassageView]:
        """The passages of a file that read like instructions, in the order of its text."""
        query: dict[str, str | int] = {"flagged": "true", "limit": PAGE_SIZE, "order": "asc"}
        if after:
            query["after"] = after
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}/passages"
        return await self._gateway.get(Page[PassageView], token, path, query)

    async def passages(
        self, token: str, collection_id: str, file_id: str, after: str = ""
    ) -> Page[PassageView]:
        """All its passages, in the order of its text."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "asc"}
        if after:
            query["after"] = after
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}/passages"
        return await self._gateway.get(Page[PassageView], token, path, query)

    async def switch(
        self, token: str, place: tuple[str, str], passage_id: str, is_off: bool
    ) -> PassageView:
        """Switch a passage off or on. place: ids of collection and file."""
        collection_id, file_id = place
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}/passages/{passage_id}"
        return await self._gateway.post(PassageView, token, path, PassageModify(is_off=is_off))

    async def add_page(self, token: str, collection_id: str, url: str) -> DocumentView:
        """Have a web page read into the collection."""
        path = f"/v1/vector_stores/{collection_id}/urls"
        return await self._gateway.post(DocumentView, token, path, WebPageCreate(url=url))

    async def retry(self, token: str, collection_id: str, file_id: str) -> DocumentView:
        """Read a file again that failed."""
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}/retry"
        return await self._gateway.post(DocumentView, token, path)

    async def remove(self, token: str, collection_id: str, file_id: str) -> None:
        """Take a file out of the collection, and delete it if it is one's own."""
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}"
        await self._gateway.delete(Deleted, token, path)
        try:
            await self._gateway.delete(Deleted, token, f"/v1/files/{file_id}")
        except StoreError as error:
            # Who may edit a collection may take anybody's file out; the file stays theirs.
            if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.FORBIDDEN):
                raise

    async def surroundings(
        self, token: str, passage_id: str, start: int, end: int, page: int | None = None
    ) -> PassageSurroundings:
        """A passage in its document version, with what stands around it."""
        query: dict[str, str | int] = {"start": start, "end": end}
        if page is not None:
            query["page"] = page
        path = f"/v1/passages/{passage_id}/surroundings"
        return await self._gateway.get(PassageSurroundings, token, path, query)

    async def page_picture(
        self, token: str, passage_id: str, number: int, known: str
    ) -> httpx2.Response:
        """A page as a picture. known: the tag of one that the browser has; 304 says it is that."""
        path = f"/v1/passages/{passage_id}/pages/{number}"
        headers = headers_for(token) | ({"if-none-match": known} if known else {})
        try:
            response = await self._gateway.http.get(path, headers=headers)
        except httpx2.HTTPError as error:
            raise no_answer(error) from error
        if response.status_code != HTTPStatus.NOT_MODIFIED and not response.is_success:
            raise remote_error(response)
        return response
