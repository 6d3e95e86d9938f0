"""Prices and limits of the stand-in gateway."""

from fastapi import APIRouter, Request

from contracts.errors import ErrorKind
from contracts.ids import new_id
from contracts.limits import LimitPut, LimitRemoved, LimitScope, LimitView
from contracts.lists import Page
from contracts.prices import PriceCreate, PriceView
from tests.support.gateway_standin import Refused, Standin

NOW = 1_795_000_000
MODELS = {"qwen2.5-coder-0.5b-instruct": "chat", "multilingual-e5-small": "embedding"}


def prices_app() -> APIRouter:
    """The routes, over the stand-in of the app they are put into."""
    router = APIRouter()
    router.add_api_route("/v1/prices", list_prices, methods=["GET"])
    router.add_api_route("/v1/prices", set_price, methods=["POST"], status_code=201)
    router.add_api_route("/v1/admin/limits", list_limits, methods=["GET"])
    router.add_api_route("/v1/admin/limits", set_limit, methods=["PUT"])
    router.add_api_route("/v1/admin/limits", remove_limit, methods=["DELETE"])
    return router


async def list_prices(request: Request) -> Page[PriceView]:
    state = _standin(request)
    priced = {price.model for price in state.prices if price.status == "current"}
    defaults = [_default(model, is_past=model in priced) for model in MODELS]
    return Page(data=[*state.prices[::-1], *defaults])


async def set_price(request: Request, wanted: PriceCreate) -> PriceView:
    state = _standin(request)
    if wanted.model not in MODELS:
        raise Refused(ErrorKind.UNPROCESSABLE, "unknown_model", "No such model.")
    if wanted.valid_from is not None and wanted.valid_from < NOW:
        raise Refused(ErrorKind.UNPROCESSABLE, "price_in_the_past", "In the past.")
    price = PriceView(
        id=new_id("prc_"),
        use="chat" if MODELS[wanted.model] == "chat" else "embedding",
        status="current" if wanted.valid_from is None else "upcoming",
        is_default=False,
        as_of="2026-11-22",
        created_by_name="Ada Byron",
        **wanted.model_dump(exclude={"valid_from"}),
        valid_from=wanted.valid_from or NOW,
    )
    if price.status == "current":
        _outdate(state, price.model)
    state.prices.append(price)
    return price


async def list_limits(request: Request) -> Page[LimitView]:
    state = _standin(request)
    general = [state.limits.get((scope, None)) or _setting(scope) for scope in LimitScope]
    return Page(data=[*general, *(each for each in state.limits.values() if each.subject)])


async def set_limit(request: Request, wanted: LimitPut) -> LimitView:
    state = _standin(request)
    if wanted.subject == "mem_nobody":
        raise Refused(ErrorKind.NOT_FOUND, "limit_not_found", "Nobody.")
    names = {member.id: member.name for _, member in state.passwords.values()}
    view = LimitView(
        **wanted.model_dump(), subject_name=names.get(wanted.subject or ""), is_set=True
    )
    state.limits[wanted.scope, wanted.subject] = view
    return view


async def remove_limit(
    request: Request, scope: LimitScope, subject: str | None = None
) -> LimitRemoved:
    _standin(request).limits.pop((scope, subject), None)
    return LimitRemoved(scope=scope, subject=subject)


def _standin(request: Request) -> Standin:
    state = request.app.state.standin
    assert isinstance(state, Standin)
    return state


def _outdate(state: Standin, model: str) -> None:
    state.prices = [
        price.model_copy(update={"status": "past"}) if price.model == model else price
        for price in state.prices
    ]


def _setting(scope: LimitScope) -> LimitView:
    is_wide = scope in (LimitScope.WORKSPACE, LimitScope.ADDRESS)
    return LimitView(
        scope=scope,
        subject=None,
        subject_name=None,
        requests_per_minute=600 if is_wide else 60,
        tokens_per_minute=600_000 if is_wide else 60_000,
        is_set=False,
    )


def _default(model: str, *, is_past: bool) -> PriceView:
    is_chat = MODELS[model] == "chat"
    return PriceView(
        id=None,
        model=model,
        use="chat" if is_chat else "embedding",
        currency="USD",
        input_per_million="0.05" if is_chat else "0.01",
        cached_input_per_million="0.0125" if is_chat else "0",
        output_per_million="0.1" if is_chat else "0",
        status="past" if is_past else "current",
        is_default=True,
        valid_from=None,
        as_of="2026-11-22",
    )
