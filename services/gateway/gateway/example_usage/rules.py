"""A believable month: busy weekdays, quiet nights, a few who ask much, some calls that fail."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.generation import EngineUsage, ModelPrice, ServedModel
from contracts.ids import new_id
from gateway.usage.rules import amount_pico, cached_tokens, token_price

MARK = "example_"
"""Begins the request id of every row, so that they are known for what they are."""
ENGINE = "example"
"""No engine of that name counts: reconciliation leaves these rows alone."""
DAYS = 30
_WEEKDAY_WEIGHTS = (1.0, 1.1, 1.15, 1.1, 0.9, 0.25, 0.2)
_HOUR_WEIGHTS = (
    1, 1, 1, 1, 1, 2, 4, 10, 25, 40, 45, 40, 25, 35, 45, 45, 40, 30, 18, 12, 10, 8, 4, 2,
)  # fmt: skip
_MODEL_WEIGHTS = (70, 22, 8)


@dataclass(frozen=True)
class Cast:
    """Who takes part in one workspace: ids of what is really there."""

    workspace_id: str
    members: Sequence[str]
    assistants: Sequence[tuple[str, int | None]]
    keys: Sequence[tuple[str, str]]
    """(key, its member)"""


def models(currencies: Sequence[str]) -> tuple[ServedModel, ...]:
    """Three models of different price; a second currency is the largest's."""
    wanted = (("example-small", "0.05"), ("example-medium", "0.40"), ("example-large", "2.50"))
    return tuple(
        ServedModel(
            id=name,
            engine=ENGINE,
            window_tokens=8_192,
            price=ModelPrice(
                currency=currencies[-1] if name == "example-large" else currencies[0],
                input_per_million=price,
                cached_input_per_million=str(round(float(price) / 4, 6)),
                output_per_million=str(round(float(price) * 3, 6)),
                as_of="2026-11-22",
            ),
        )
        for name, price in wanted
    )


def calls(
    casts: Sequence[Cast], rows: int, until: datetime, currencies: Sequence[str], seed: int
) -> Iterator[dict[str, Any]]:
    """So many calls of the month before `until`, the oldest first; of one seed always the same."""
    dice = random.Random(seed)  # noqa: S311 -- examples, not secrets
    served = models(currencies)
    for number, moment in enumerate(_moments(dice, rows, until)):
        cast = casts[min(int(dice.expovariate(1.2)), len(casts) - 1)]
        request_id = f"{MARK}{seed}_{moment:%Y%m%d}_{number:07d}"
        yield _call(dice, cast, served, request_id, moment)


def _moments(dice: random.Random, rows: int, until: datetime) -> list[datetime]:
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(DAYS, -1, -1)]
    # A month in which more and more people ask.
    weights = [
        _WEEKDAY_WEIGHTS[day.weekday()] * (1 + 0.5 * at / DAYS) for at, day in enumerate(days)
    ]
    found: list[datetime] = []
    while len(found) < rows:
        (day,) = dice.choices(days, weights)
        (hour,) = dice.choices(range(24), _HOUR_WEIGHTS)
        moment = day + timedelta(hours=hour, seconds=dice.randrange(3_600))
        if moment < until:
            found.append(moment)
    return sorted(found)


def _call(
    dice: random.Random,
    cast: Cast,
    served: Sequence[ServedModel],
    request_id: str,
    moment: datetime,
) -> dict[str, Any]:
    (model,) = dice.choices(served, _MODEL_WEIGHTS)
    # Few ask most: the first members and assistants are the busiest.
    member = cast.members[min(int(dice.expovariate(0.6)), len(cast.members) - 1)]
    assistant: tuple[str | None, int | None] = (None, None)
    if cast.assistants and dice.random() < 0.95:
        assistant = cast.assistants[min(int(dice.expovariate(0.8)), len(cast.assistants) - 1)]
    key: str | None = None
    if cast.keys and dice.random() < 0.3:
        key, member = dice.choice(cast.keys)
    status = _status(dice)
    first = None if status == "failed" and dice.random() < 0.5 else _milliseconds(dice, 900)
    usage, price = _usage(dice, status), token_price(model.price)
    return {
        "id": new_id("led_"),
        "created_at": moment,
        "request_id": request_id,
        "purpose": "rewrite" if dice.random() < 0.12 else "chat",
        "workspace_id": cast.workspace_id,
        "member_id": member,
        "assistant_id": assistant[0],
        "assistant_version": assistant[1],
        "key_id": key,
        "conversation_id": None,
        "model": model.id,
        "engine": model.engine,
        "input_tokens": usage.input_tokens,
        "cached_tokens": cached_tokens(usage),
        "output_tokens": usage.output_tokens,
        "estimated": usage.estimated,
        "status": status,
        "currency": model.price.currency,
        "price_input_pico": price.input_pico,
        "price_cached_input_pico": price.cached_input_pico,
        "price_output_pico": price.output_pico,
        "amount_pico": amount_pico(price, usage),
        "first_token_ms": first,
        "total_ms": (first or 0) + _milliseconds(dice, 4_000),
    }


def _status(dice: random.Random) -> str:
    return dice.choices(("complete", "cancelled", "failed"), (94, 4, 2))[0]


def _usage(dice: random.Random, status: str) -> EngineUsage:
    read = int(dice.lognormvariate(6.9, 0.6))
    written = int(dice.lognormvariate(4.9, 0.7))
    return EngineUsage(
        input_tokens=read,
        cached_tokens=int(read * dice.random() * 0.6) if dice.random() < 0.5 else 0,
        output_tokens=written if status == "complete" else int(written * dice.random()),
        estimated=dice.random() < 0.01,
    )


def _milliseconds(dice: random.Random, middle: int) -> int:
    return int(middle * dice.lognormvariate(0, 0.5))
