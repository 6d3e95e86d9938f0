"""What runs, and whether the books are right."""

from contracts.engines import EngineState, EngineStates
from contracts.files import DocumentView
from contracts.in_force import SettingView, SettingViews
from contracts.job_list import IngestJob, JobState
from contracts.lists import Deleted, Page
from contracts.reconciling import Finding, ReconciliationView
from web.clients.gateway import Gateway

PAGE_SIZE = 50
RECONCILIATIONS_SHOWN = 20


class Running:
    """Engines, jobs and reconciliations, as far as the member may see them."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def engines(self, token: str) -> list[EngineState]:
        """How every engine fares now."""
        return (await self._gateway.get(EngineStates, token, "/v1/admin/engines")).data

    async def settings(self, token: str) -> list[SettingView]:
        """What the installation runs with."""
        return (await self._gateway.get(SettingViews, token, "/v1/admin/settings")).data

    async def jobs(self, token: str, state: JobState | None, after: str = "") -> Page[IngestJob]:
        """Documents that are not ready, the latest first."""
        query: dict[str, str | int] = {"limit": PAGE_SIZE, "order": "desc"}
        if state is not None:
            query["state"] = state.value
        if after:
            query["after"] = after
        return await self._gateway.get(Page[IngestJob], token, "/v1/admin/jobs", query)

    async def retry(self, token: str, collection_id: str, file_id: str) -> None:
        """Read a document once more that failed."""
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}/retry"
        await self._gateway.post(DocumentView, token, path)

    async def cancel(self, token: str, collection_id: str, file_id: str) -> None:
        """Take a document out of its collection; the file stays whose it is."""
        path = f"/v1/vector_stores/{collection_id}/files/{file_id}"
        await self._gateway.delete(Deleted, token, path)

    async def reconciliations(self, token: str, after: str = "") -> Page[ReconciliationView]:
        """The latest first."""
        query: dict[str, str | int] = {"limit": RECONCILIATIONS_SHOWN, "order": "desc"}
        if after:
            query["after"] = after
        path = "/v1/admin/reconciliations"
        return await self._gateway.get(Page[ReconciliationView], token, path, query)

    async def alarm(self, token: str) -> ReconciliationView | None:
        """What is to be looked into: the last look if it differed, else one with findings that
        nobody has set right yet."""
        looks = (await self.reconciliations(token)).data
        if looks and looks[0].verdict == "differs":
            return looks[0]
        return next((look for look in looks if look.open_count), None)

    async def correct(self, token: str, reconciliation_id: str, number: int) -> Finding:
        """Write the row that sets a finding right."""
        path = f"/v1/admin/reconciliations/{reconciliation_id}/findings/{number}/correction"
        return await self._gateway.post(Finding, token, path)

    async def reconcile(self, token: str) -> ReconciliationView:
        """Hold the books against each other now."""
        return await self._gateway.post(ReconciliationView, token, "/v1/admin/reconciliations")
