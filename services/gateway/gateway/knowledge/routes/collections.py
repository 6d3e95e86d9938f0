"""Collections (vector stores) on the public API."""

from typing import Annotated

from fastapi import APIRouter

from contracts.accounts import Scope
from contracts.files import CollectionCreate, CollectionModify, CollectionView
from contracts.lists import Deleted, Page
from contracts.sharing import CollectionGrant, CollectionSharing, SharingView
from contracts.vector_search import CollectionSearch, SearchPage
from gateway.caller import Caller
from gateway.knowledge.routes.asking import Keeper, Reader
from gateway.knowledge.service.collections import CollectionService
from gateway.knowledge.service.searching import CollectionSearchService
from gateway.knowledge.service.sharing import CollectionSharingService
from gateway.paging import Paging
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1/vector_stores", tags=["vector stores"])
Collections = Annotated[CollectionService, provided(CollectionService)]
Sharings = Annotated[CollectionSharingService, provided(CollectionSharingService)]
Manager = Annotated[Caller, signed_in_with(Scope.MANAGE)]
Searches = Annotated[CollectionSearchService, provided(CollectionSearchService)]


@router.post("")
async def create(
    wanted: CollectionCreate, caller: Keeper, collections: Collections
) -> CollectionView:
    """Make a collection."""
    return await collections.create(caller, wanted)


@router.get("")
async def list_collections(
    caller: Reader, page: Paging, collections: Collections
) -> Page[CollectionView]:
    """The collections of the workspace."""
    return await collections.list(caller, page)


@router.get("/{collection_id}")
async def get(collection_id: str, caller: Reader, collections: Collections) -> CollectionView:
    """One collection."""
    return await collections.get(caller, collection_id)


@router.post("/{collection_id}")
async def modify(
    collection_id: str, changes: CollectionModify, caller: Keeper, collections: Collections
) -> CollectionView:
    """Change its name or metadata."""
    return await collections.modify(caller, collection_id, changes)


@router.put("/{collection_id}/sharing")
async def share(
    collection_id: str, wanted: CollectionSharing, caller: Manager, sharings: Sharings
) -> CollectionView:
    """Say who may read a collection, let assistants read it, or change it."""
    return await sharings.share(caller, collection_id, wanted)


@router.get("/{collection_id}/sharing")
async def sharing(collection_id: str, caller: Manager, sharings: Sharings) -> SharingView:
    """With whom a collection is shared, for those who decide it."""
    return await sharings.sharing(caller, collection_id)


@router.post("/{collection_id}/sharing/{grantee_id}")
async def grant(
    collection_id: str,
    grantee_id: str,
    wanted: CollectionGrant,
    caller: Manager,
    sharings: Sharings,
) -> SharingView:
    """Let one member or group do more with a collection; what others may do stays."""
    return await sharings.grant(caller, collection_id, grantee_id, wanted)


@router.delete("/{collection_id}/sharing/{grantee_id}")
async def take(
    collection_id: str, grantee_id: str, caller: Manager, sharings: Sharings
) -> SharingView:
    """Share a collection with one member or group no longer."""
    return await sharings.take(caller, collection_id, grantee_id)


@router.post("/{collection_id}/search")
async def search(
    collection_id: str, wanted: CollectionSearch, caller: Reader, searches: Searches
) -> SearchPage:
    """The passages nearest to a question, without asking any model."""
    return await searches.search(caller, collection_id, wanted)


@router.delete("/{collection_id}")
async def delete(collection_id: str, caller: Keeper, collections: Collections) -> Deleted:
    """Delete a collection and everything in it."""
    return await collections.delete(caller, collection_id)
