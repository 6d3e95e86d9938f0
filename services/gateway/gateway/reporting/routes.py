"""Usage, statistics and the ledger on the public API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from contracts.accounts import Scope
from contracts.lists import Page
from contracts.stats import Stats
from contracts.usage import CallStatus, LedgerDetail, LedgerRow, LedgerWorkspace, UsageRow
from gateway.caller import Caller
from gateway.paging import Paging
from gateway.reporting.rules.views import Narrowing, Outlook
from gateway.reporting.service.asking import Asked
from gateway.reporting.service.entries import LedgerReader
from gateway.reporting.service.exporting import ledger_array, ledger_sheet, usage_sheet
from gateway.reporting.service.stats import StatsService
from gateway.reporting.service.usage import MOST_EXPORTED, UsageReader
from gateway.signed_in import signed_in_with
from runtime.provide import provided

router = APIRouter(prefix="/v1", tags=["usage"])
Usage = Annotated[UsageReader, provided(UsageReader)]
Ledger = Annotated[LedgerReader, provided(LedgerReader)]
Figures = Annotated[StatsService, provided(StatsService)]
Reader = Annotated[Caller, signed_in_with(Scope.READ)]
Id = Annotated[str | None, Query(max_length=100)]
Name = Annotated[str | None, Query(max_length=300)]
Moment = Annotated[str | None, Query(max_length=40)]
Zone = Annotated[str, Query(max_length=64)]
Groups = Annotated[str, Query(max_length=100)]

_SHEET, _JSON = "text/csv; charset=utf-8", "application/json"


def _of_whom(
    member: Id = None, assistant: Id = None, model: Name = None, key: Id = None
) -> Narrowing:
    return Narrowing(member, assistant, model, key)


def _which(
    of_whom: Annotated[Narrowing, Depends(_of_whom)],
    conversation: Id = None,
    status: CallStatus | None = None,
    purpose: Id = None,
) -> Narrowing:
    return Narrowing(
        of_whom.member,
        of_whom.assistant,
        of_whom.model,
        of_whom.key,
        conversation,
        status,
        purpose,
    )


class _When:
    """The period, its time zone, and whose calls."""

    def __init__(
        self,
        since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        until: Annotated[str | None, Query(alias="to", max_length=40)] = None,
        zone: Zone = "UTC",
        view: Outlook | None = None,
        workspace: Id = None,
    ) -> None:
        self.since, self.until, self.zone = since, until, zone
        self.view, self.workspace = view, workspace

    def asked(self, narrowing: Narrowing) -> Asked:
        """The whole question."""
        return Asked(self.since, self.until, self.zone, self.view, self.workspace, narrowing)


def _asked_sums(
    when: Annotated[_When, Depends()], of_whom: Annotated[Narrowing, Depends(_of_whom)]
) -> Asked:
    return when.asked(of_whom)


def _asked_calls(
    when: Annotated[_When, Depends()], which: Annotated[Narrowing, Depends(_which)]
) -> Asked:
    return when.asked(which)


Sums = Annotated[Asked, Depends(_asked_sums)]
Calls = Annotated[Asked, Depends(_asked_calls)]


@router.get("/usage")
async def usage(
    caller: Reader, reader: Usage, asked: Sums, group_by: Groups = ""
) -> Page[UsageRow]:
    """Sums of requests, tokens and cost. from, to: Unix seconds or dates (to: not included)."""
    return await reader.usage(caller, group_by, asked)


@router.get("/usage.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def usage_as_csv(
    caller: Reader, reader: Usage, asked: Sums, group_by: Groups = ""
) -> Response:
    """The same as a table for spreadsheets."""
    found = await reader.usage(caller, group_by, asked, MOST_EXPORTED)
    return Response(usage_sheet(found.data), media_type=_SHEET, headers=_download("usage.csv"))


@router.get("/admin/stats", tags=["admin"])
async def stats(
    caller: Reader,
    figures: Figures,
    period: Annotated[str, Query(max_length=90)] = "today",
    zone: Zone = "UTC",
    view: Outlook | None = None,
    workspace: Id = None,
) -> Stats:
    """The dashboard's figures. period: now, today, 30d, or from..to (to: not included)."""
    asked = Asked(zone=zone, view=view, workspace=workspace)
    return await figures.stats(caller, asked, period)


@router.get("/admin/workspaces", tags=["admin"])
async def workspaces(caller: Reader, reader: Usage) -> Page[LedgerWorkspace]:
    """The workspaces whose calls the caller may look at: for operators all, by name."""
    return await reader.workspaces(caller)


@router.get("/admin/ledger", tags=["admin"])
async def ledger_rows(
    caller: Reader, ledger: Ledger, asked: Calls, page: Paging
) -> Page[LedgerRow]:
    """Model calls one by one, newest first unless asked otherwise."""
    return await ledger.page(caller, asked, page)


@router.get(
    "/admin/ledger.csv",
    tags=["admin"],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def ledger_as_csv(caller: Reader, ledger: Ledger, asked: Calls) -> StreamingResponse:
    """All of them as a table for spreadsheets, newest first."""
    blocks = ledger_sheet(await ledger.export(caller, asked))
    return StreamingResponse(blocks, media_type=_SHEET, headers=_download("ledger.csv"))


@router.get(
    "/admin/ledger.json",
    tags=["admin"],
    response_class=StreamingResponse,
    responses={200: {"content": {_JSON: {}}}},
)
async def ledger_as_json(caller: Reader, ledger: Ledger, asked: Calls) -> StreamingResponse:
    """All of them as one JSON array, newest first."""
    blocks = ledger_array(await ledger.export(caller, asked))
    return StreamingResponse(blocks, media_type=_JSON, headers=_download("ledger.json"))


@router.get("/admin/ledger/{entry_id}", tags=["admin"])
async def ledger_row(
    caller: Reader,
    ledger: Ledger,
    entry_id: str,
    view: Outlook | None = None,
    workspace: Id = None,
) -> LedgerDetail:
    """One model call: its prices, its times, when its conversation was. Never what was said."""
    return await ledger.detail(caller, Asked(view=view, workspace=workspace), entry_id)


def _download(filename: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="stoa-{filename}"',
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
