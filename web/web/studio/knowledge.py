"""Uploading files into an assistant's knowledge, and following each until it is ready."""

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from contracts.assistants import (
    AssistantModify,
    AssistantView,
    FileSearchResources,
    ToolResources,
)
from contracts.errors import ErrorKind, StoreError
from contracts.files import DocumentView
from runtime.provide import provided
from web.clients.assistants import Assistants
from web.clients.knowledge import Knowledge
from web.forms import Form
from web.pages import Pages, go, is_htmx
from web.paths import Id
from web.problems import words_of
from web.reading_failures import words_of_failure
from web.studio.workbench import Bench
from web.visitors import SignedIn, Visitor

LONGEST_ADDRESS = 2_000
PAGES_OFF = "web_pages_off"
UPLOADS = "/studio/uploads/"
"""Only addresses below this take large bodies."""

router = APIRouter(prefix="/studio", include_in_schema=False)
PagesHere = Annotated[Pages, provided(Pages)]
AssistantsHere = Annotated[Assistants, provided(Assistants)]
KnowledgeHere = Annotated[Knowledge, provided(Knowledge)]

_OF_ONE_FILE = (
    ErrorKind.INVALID,
    ErrorKind.TOO_LARGE,
    ErrorKind.UNSUPPORTED,
    ErrorKind.UNPROCESSABLE,
    ErrorKind.CONFLICT,
)


class NoFileChosen(StoreError):
    """The upload form came without a file."""

    kind = ErrorKind.INVALID
    code = "no_file_chosen"


class NoAddressGiven(StoreError):
    """The page form came without an address."""

    kind = ErrorKind.INVALID
    code = "no_address_given"


class Place:
    """The address of a file in an assistant's knowledge."""

    def __init__(self, assistant_id: Id, collection_id: Id, file_id: Id) -> None:
        self.assistant_id = assistant_id
        self.collection_id = collection_id
        self.file_id = file_id


class UploadDesk:
    """Puts files into an assistant's collection, which it makes with the first one."""

    def __init__(
        self, pages: PagesHere, assistants: AssistantsHere, knowledge: KnowledgeHere
    ) -> None:
        self._pages = pages
        self._assistants = assistants
        self._knowledge = knowledge

    async def collection_of(self, visitor: Visitor, assistant_id: str) -> tuple[AssistantView, str]:
        """The assistant and its first collection, made and attached when there is none."""
        assistant = await self._assistants.get(visitor.token, assistant_id)
        attached = assistant.tool_resources.file_search.vector_store_ids
        if attached:
            # Refuses whoever may only let assistants read it: else the file would stay, unattached.
            await self._knowledge.documents(visitor.token, attached[0])
            return assistant, attached[0]
        # Nothing asked for but the right to change it: else a refusal would leave a collection.
        await self._assistants.modify(visitor.token, assistant.id, AssistantModify())
        made = await self._knowledge.create(visitor.token, assistant.name)
        resources = ToolResources(file_search=FileSearchResources(vector_store_ids=[made.id]))
        changed = await self._assistants.modify(
            visitor.token, assistant.id, AssistantModify(tool_resources=resources)
        )
        return changed, made.id

    async def put(
        self, request: Request, visitor: Visitor, collection_id: str, files: list[UploadFile]
    ) -> list[tuple[str, str]]:
        """Take the files in turn. The result: names of those refused, and why."""
        refused = []
        for file in files:
            name = file.filename or ""
            try:
                await self._knowledge.add(visitor.token, collection_id, name, file.file)
            except StoreError as error:
                if error.kind not in _OF_ONE_FILE:
                    raise
                refused.append((name, words_of(self._pages.language(request), error)))
        return refused

    async def swap(
        self, request: Request, visitor: Visitor, place: Place, file: UploadFile
    ) -> tuple[AssistantView, list[tuple[str, str]]]:
        """The assistant, and the file with the reason if it was refused.

        It keeps the former one's name, unless it is of another kind: kinds are told by names.
        """
        token, ids = visitor.token, (place.collection_id, place.file_id)
        assistant = await self._assistants.get(token, place.assistant_id)
        former = await self._knowledge.document(token, *ids)
        name = file.filename or ""
        is_alike = PurePath(name).suffix.lower() == PurePath(former.filename).suffix.lower()
        kept = former.filename if is_alike else name
        try:
            await self._knowledge.replace(token, ids, kept, file.file)
        except StoreError as error:
            if error.kind not in _OF_ONE_FILE:
                raise
            return assistant, [(name, words_of(self._pages.language(request), error))]
        return assistant, []

    async def put_page(
        self, request: Request, visitor: Visitor, assistant_id: str, url: str
    ) -> tuple[AssistantView, list[tuple[str, str]]]:
        """The assistant, and the address with the reason if it was refused."""
        language = self._pages.language(request)
        if not url or len(url) > LONGEST_ADDRESS:
            refused = NoAddressGiven("Write the address of a page first.")
            assistant = await self._assistants.get(visitor.token, assistant_id)
            return assistant, [(url[:80], words_of(language, refused))]
        assistant, collection_id = await self.collection_of(visitor, assistant_id)
        try:
            await self._knowledge.add_page(visitor.token, collection_id, url)
        except StoreError as error:
            if error.kind not in _OF_ONE_FILE and error.code != PAGES_OFF:
                raise
            # The sentence says more than the code.
            return assistant, [(url, words_of_failure(language, error.message))]
        return assistant, []


@router.post("/uploads/{assistant_id}")
async def upload(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Annotated[UploadDesk, Depends()],
    bench: Bench,
    assistant_id: Id,
) -> Response:
    """Several files at once; a refused one does not stop the others."""
    files = form.files("files")
    if not files:
        raise NoFileChosen("Choose a file first.")
    assistant, collection_id = await desk.collection_of(visitor, assistant_id)
    refused = await desk.put(request, visitor, collection_id, files)
    if is_htmx(request):
        return await bench.knowledge(request, visitor, assistant, refused=refused)
    if refused:
        return await bench.page(request, visitor, assistant, status=422, refused=refused)
    return go(request, f"/studio/{assistant_id}#knowledge")


@router.post("/{assistant_id}/pages")
async def add_page(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Annotated[UploadDesk, Depends()],
    bench: Bench,
    assistant_id: Id,
) -> Response:
    """One web page by its address."""
    url = form.text("url").strip()
    assistant, refused = await desk.put_page(request, visitor, assistant_id, url)
    if not refused:
        url = ""
    if is_htmx(request):
        return await bench.knowledge(request, visitor, assistant, refused=refused, page_url=url)
    if refused:
        return await bench.page(
            request, visitor, assistant, status=422, refused=refused, page_url=url
        )
    return go(request, f"/studio/{assistant_id}#knowledge")


@router.get("/{assistant_id}/knowledge/{collection_id}/{file_id}")
async def progress(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    knowledge: KnowledgeHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """One file's row as it stands now; a page asks for it until it is final."""
    document = await knowledge.document(visitor.token, place.collection_id, place.file_id)
    if not is_htmx(request):
        return go(request, f"/studio/{place.assistant_id}#knowledge")
    return _row(request, pages, place.assistant_id, document)


@router.post("/{assistant_id}/knowledge/{collection_id}/{file_id}/retry")
async def retry(
    request: Request,
    visitor: SignedIn,
    form: Form,
    pages: PagesHere,
    knowledge: KnowledgeHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Read a failed file again."""
    del form  # read for its token
    document = await knowledge.retry(visitor.token, place.collection_id, place.file_id)
    if is_htmx(request):
        return _row(request, pages, place.assistant_id, document)
    return go(request, f"/studio/{place.assistant_id}#knowledge")


@router.post("/uploads/{assistant_id}/{collection_id}/{file_id}")
async def replace(
    request: Request,
    visitor: SignedIn,
    form: Form,
    desk: Annotated[UploadDesk, Depends()],
    bench: Bench,
    place: Annotated[Place, Depends()],
) -> Response:
    """Another file as the next version of one; a refused one leaves it as it was."""
    files = form.files("file")
    if not files:
        raise NoFileChosen("Choose a file first.")
    assistant, refused = await desk.swap(request, visitor, place, files[0])
    if is_htmx(request):
        return await bench.knowledge(request, visitor, assistant, refused=refused)
    if refused:
        return await bench.page(request, visitor, assistant, status=422, refused=refused)
    return go(request, f"/studio/{place.assistant_id}#knowledge")


@router.get("/{assistant_id}/knowledge/{collection_id}/{file_id}/delete")
async def ask_to_delete(
    request: Request,
    visitor: SignedIn,
    pages: PagesHere,
    assistants: AssistantsHere,
    knowledge: KnowledgeHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Ask before deleting: a page, or the row with the question in it."""
    assistant = await assistants.get(visitor.token, place.assistant_id)
    document = await knowledge.document(visitor.token, place.collection_id, place.file_id)
    template = "partials/document_delete.html" if is_htmx(request) else "pages/file_delete.html"
    return pages.page(request, template, assistant_id=assistant.id, document=document)


@router.post("/{assistant_id}/knowledge/{collection_id}/{file_id}/delete")
async def delete(
    request: Request,
    visitor: SignedIn,
    form: Form,
    knowledge: KnowledgeHere,
    place: Annotated[Place, Depends()],
) -> Response:
    """Delete a file, its passages and its vectors."""
    del form  # read for its token
    await knowledge.remove(visitor.token, place.collection_id, place.file_id)
    if is_htmx(request):
        return HTMLResponse("")  # the row is swapped for nothing
    return go(request, f"/studio/{place.assistant_id}#knowledge")


def _row(request: Request, pages: Pages, assistant_id: str, document: DocumentView) -> Response:
    return pages.page(
        request, "partials/document.html", assistant_id=assistant_id, document=document
    )
