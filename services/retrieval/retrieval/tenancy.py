"""The one place that turns a signed principal into what may be read and written."""

from contracts.errors import ErrorKind, StoreError
from contracts.principal import STORE_TENANT, Principal
from retrieval.ports import NOW, CollectionView, Scope

SELF_TEST_TENANT = "stoa:self-test"
"""Owns the probes of readiness; no caller may act for it."""


class NoWorkspace(StoreError):
    """The call is for no tenant, so there is nothing it may touch."""

    kind = ErrorKind.FORBIDDEN
    code = "no_workspace"


class WriteRefused(StoreError):
    """The caller may read, but not change the index."""

    kind = ErrorKind.FORBIDDEN
    code = "write_refused"


def tenant_of(principal: Principal) -> str:
    """The workspace whose vectors a call may touch."""
    tenant = principal.workspace_id
    is_members = principal.member_id is not None
    if not tenant or tenant == SELF_TEST_TENANT or (tenant == STORE_TENANT and is_members):
        raise NoWorkspace("The index answers only calls for a workspace.")
    return tenant


def writable_tenant_of(principal: Principal) -> str:
    """The workspace whose vectors a call may change."""
    tenant = tenant_of(principal)
    if not principal.write:
        raise WriteRefused("This call may not change the index.")
    return tenant


def scope_of(principal: Principal) -> Scope:
    """All that a search may see. Nothing from a request body ever gets in here."""
    views = tuple(
        # An epoch past NOW would let the unrevealed be seen, whoever signed it.
        CollectionView(grant.collection_id, NOW if grant.epoch is None else min(grant.epoch, NOW))
        for grant in principal.collections
    )
    return Scope(tenant=tenant_of(principal), views=views)
