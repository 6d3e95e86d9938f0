"""The stand-in's books: sums, figures and rows of whatever its ledger holds."""

import itertools
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse

from contracts.accounts import MemberView
from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.lists import Page
from contracts.stats import CostFigure, Figure, Forecast, Stats
from contracts.usage import (
    ConversationFacts,
    LedgerDetail,
    LedgerRow,
    LedgerWorkspace,
    PriceSnapshot,
    UsageRow,
)
from tests.support.gateway_standin import Refused, Standin, now

DAY = 86_400
STEPS = 30


def _state(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


def _member(request: Request) -> MemberView:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    state = _state(request)
    if token not in state.sessions:
        raise Refused(ErrorKind.UNAUTHENTICATED, "not_signed_in", "Sign in first.")
    return state.sessions[token]


Memory = Annotated[Standin, Depends(_state)]
Signed = Annotated[MemberView, Depends(_member)]


def usage_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter(dependencies=[Depends(_member)])
    router.add_api_route("/v1/usage", sums)
    router.add_api_route("/v1/usage.csv", sheet)
    router.add_api_route("/v1/admin/stats", stats)
    router.add_api_route("/v1/admin/workspaces", workspaces)
    router.add_api_route("/v1/admin/ledger", ledger)
    router.add_api_route("/v1/admin/ledger.csv", sheet)
    router.add_api_route("/v1/admin/ledger.json", ledger)
    router.add_api_route("/v1/admin/ledger/{entry_id}", row)
    return router


async def sums(state: Memory, member: Signed, request: Request, group_by: str = "") -> Page[Any]:
    def key(row: LedgerRow) -> tuple[str, str]:
        day = datetime.fromtimestamp(row.created_at, UTC).date().isoformat()
        of = {"": "", "day": day, "model": row.model}
        return row.currency, of.get(group_by) or str(getattr(row, f"{group_by}_id", None) or "")

    rows = sorted(_asked(state, member, request), key=key)
    found = [
        _sum(group_by, name, list(group)) for (_, name), group in itertools.groupby(rows, key=key)
    ]
    if group_by != "day":
        found.sort(key=lambda row: -Decimal(row.cost))
    return Page[Any](data=found)


async def stats(state: Memory, member: Signed, request: Request, zone: str = "UTC") -> Stats:
    rows, at = _asked(state, member, request), now()
    per = [[row for row in rows if (at - row.created_at) // DAY == n] for n in range(STEPS)][::-1]
    waits = [max((row.first_token_ms or 0 for row in some), default=None) for some in per]
    total = sum((Decimal(row.cost) for row in rows), Decimal(0))
    costs = [str(sum((Decimal(row.cost) for row in some), Decimal(0))) for some in per]
    likely = Forecast(
        currency="USD",
        month="2026-11",
        so_far=str(total),
        likely=str(total * 2),
        low=str(total),
        high=str(total * 3),
        days=7,
    )
    cost = CostFigure(currency="USD", value=str(total), before=str(total * 2), series=costs)
    is_all = request.query_params.get("view") is None

    def counted(name: str) -> Figure:
        series: list[int | None] = [sum(getattr(row, name) for row in some) for some in per]
        value = sum(getattr(row, name) for row in rows)
        return Figure(value=value, before=value // 2, series=series)

    return Stats(
        zone=zone,
        start=at - STEPS * DAY,
        end=at,
        before_start=at - 2 * STEPS * DAY,
        before_end=at - STEPS * DAY,
        step="day",
        starts=[at - n * DAY for n in range(STEPS, 0, -1)],
        requests=Figure(value=len(rows), before=len(rows), series=[len(some) for some in per]),
        errors=Figure(value=sum(row.status == "failed" for row in rows), before=1),
        input_tokens=counted("input_tokens"),
        output_tokens=counted("output_tokens"),
        active_members=Figure(value=len({row.member_id for row in rows}), before=0),
        first_token_p50_ms=Figure(value=waits[-1], before=400, series=waits),
        first_token_p95_ms=Figure(value=1_900 if rows else None, before=2_400, series=waits),
        cost=[cost] if rows else [],
        ingest_queue=Figure(value=2 if is_all else None),
        index_documents=Figure(value=41 if is_all else None),
        index_passages=Figure(value=8_402 if is_all else None),
        forecast=[likely] if rows else [],
    )


async def ledger(
    state: Memory,
    member: Signed,
    request: Request,
    limit: Annotated[int, Query(le=100)] = 100,
    after: str = "",
) -> Page[Any]:
    if not member.is_operator and request.query_params.get("view") is None:
        raise Refused(ErrorKind.FORBIDDEN, "administrators_only", "Not yours.")
    rows = sorted(_asked(state, member, request), key=lambda row: -row.created_at)
    ids = [row.id for row in rows]
    rest = rows[ids.index(after) + 1 :] if after in ids else rows
    shown = rest[:limit]
    last = shown[-1].id if shown else None
    return Page[Any](data=shown, last_id=last, has_more=len(rest) > limit)


async def workspaces() -> Page[LedgerWorkspace]:
    names = {"wsp_athens": "Athens", "wsp_sparta": "Sparta"}
    return Page(data=[LedgerWorkspace(id=each, name=name) for each, name in names.items()])


async def sheet(state: Memory, member: Signed, request: Request) -> PlainTextResponse:
    rows = _asked(state, member, request)
    return PlainTextResponse("\n".join(["id", *(row.id for row in rows)]), media_type="text/csv")


async def row(state: Memory, entry_id: str) -> LedgerDetail:
    for found in state.ledger:
        if found.id == entry_id:
            talk = found.conversation_id
            facts = talk and ConversationFacts(
                id=talk, started_at=now(), last_at=now(), turns=2, is_deleted=False
            )
            return LedgerDetail(
                **found.model_dump(),
                request_id="chatcmpl-1",
                workspace_id="wsp_athens",
                workspace_name="Athens",
                conversation=facts or None,
            )
    raise Refused(ErrorKind.NOT_FOUND, "ledger_row_not_found", "No such row.")


def a_month_of_calls(state: Standin, days: int = 30) -> None:
    """Fill the ledger with calls to look at."""
    chance = random.Random(7)  # noqa: S311
    people = ["Ada Byron", "Bob 王小明", "Chloë Martin-Delacroix", "Dan"]
    assistants = ["The covered walk", "雅典导览", "House rules"]
    for number in range(days * 12):
        who, what = chance.choice(people), chance.choice(assistants)
        at = now() - int(chance.uniform(0, days) * DAY)
        fresh, written = chance.randrange(300, 3_000), chance.randrange(20, 600)
        state.ledger.append(
            LedgerRow(
                id=new_id("led_"),
                created_at=at,
                purpose="chat",
                prices=PriceSnapshot(
                    input_per_million="0.05",
                    cached_input_per_million="0.01",
                    output_per_million="0.1",
                ),
                member_id=f"mem_{people.index(who)}",
                member_name=who,
                assistant_id=f"ast_{assistants.index(what)}",
                assistant_name=what,
                assistant_version=3,
                key_id="key_1" if number % 5 == 0 else None,
                key_name="Night job" if number % 5 == 0 else None,
                conversation_id=None if number % 5 == 0 else "cnv_1",
                model=chance.choice(["qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"]),
                engine="llama.cpp",
                input_tokens=fresh,
                cached_tokens=fresh // 3,
                output_tokens=written,
                cost=str(Decimal(fresh * 5 + written * 10) / 10**6),
                currency="USD",
                status=chance.choice(["complete"] * 8 + ["failed", "cancelled"]),
                estimated=number % 40 == 0,
                first_token_ms=chance.randrange(200, 3_000),
                total_ms=chance.randrange(3_000, 20_000),
            )
        )


def _asked(state: Standin, member: MemberView, request: Request) -> list[LedgerRow]:
    """The rows that the query string leaves."""
    query = request.query_params
    rows = state.ledger
    if not member.is_operator or query.get("view") == "mine":
        rows = [row for row in rows if row.member_id == member.id]
    for name, field in (
        ("member", "member_id"), ("assistant", "assistant_id"), ("key", "key_id"),
        ("model", "model"), ("status", "status"), ("conversation", "conversation_id"),
    ):  # fmt: skip
        if name in query:
            rows = [row for row in rows if (getattr(row, field) or "none") == query[name]]
    return [
        row
        for row in rows
        if _at(query.get("from")) <= row.created_at < _at(query.get("to"), 2**40)
    ]


def _at(given: str | None, otherwise: int = 0) -> int:
    if not given:
        return otherwise
    if given.isdigit():
        return int(given)
    return int(datetime.fromisoformat(given).replace(tzinfo=UTC).timestamp())


def _sum(group_by: str, name: str, rows: list[LedgerRow]) -> UsageRow:
    named: dict[str, Any] = {}
    if group_by in ("day", "model"):
        named[group_by] = name
    elif group_by:
        named[f"{group_by}_id"] = name or None
        named[f"{group_by}_name"] = getattr(rows[0], f"{group_by}_name")
    return UsageRow(
        **named,
        requests=len(rows),
        input_tokens=sum(row.input_tokens for row in rows),
        cached_tokens=sum(row.cached_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        cost=str(sum((Decimal(row.cost) for row in rows), Decimal(0))),
        currency=rows[0].currency,
    )
