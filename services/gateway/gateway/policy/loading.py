"""The one door: every object that a person names is loaded here, or refused here."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select

from contracts.errors import StoreError
from gateway.db import Record, Transaction
from gateway.policy.refusals import Refusal, refused
from gateway.policy.repository.conditions import POWER_OF, Source, may, way_holds
from gateway.policy.rules import Asker, Thing, allowed
from gateway.policy.words import Action, Kind, Verdict, Way

R = TypeVar("R", bound=Record)


class Hold(Enum):
    """How a row is held until the commit: beside others who use it, or alone."""

    SHARED = "shared"
    ALONE = "alone"


async def load(
    tx: Transaction,
    asker: Asker,
    action: Action,
    source: Source[R],
    name: str,
    hold: Hold | None = None,
) -> R:
    """The object, if the asker may do this to it. Unknown and foreign ones are the same refusal."""
    query = _with_facts(asker, source).where(source.exists, source.is_named(name))
    if hold is not None:
        is_shared = hold is Hold.SHARED
        query = query.with_for_update(read=is_shared, key_share=not is_shared, of=source.row)
    found = (await tx.execute(query.execution_options(populate_existing=True))).first()
    verdict = Verdict.HIDDEN
    if found is not None:
        verdict = allowed(asker, action, _thing(asker, source.kind, found))
    if found is None or verdict is not Verdict.ALLOWED:
        error = source.barred(action) if verdict is Verdict.FORBIDDEN else source.missing(name)
        raise refused(error, Refusal(action, source.kind, name, verdict))
    row: R = found[0]
    return row


async def permitted(
    tx: Transaction, asker: Asker, action: Action, source: Source[R], ids: Sequence[str]
) -> set[str]:
    """Those of the ids that the asker may do this to; the others are left out silently."""
    query = select(source.id).where(source.id.in_(set(ids)), may(asker, action, source))
    return set(await tx.scalars(query))


def require(asker: Asker, action: Action, thing: Thing, otherwise: StoreError) -> None:
    """Raise `otherwise` unless the asker may do this to what needs no loading."""
    if allowed(asker, action, thing) is not Verdict.ALLOWED:
        raise refused(otherwise, Refusal(action, thing.kind, thing.id, Verdict.FORBIDDEN))


def _with_facts(asker: Asker, source: Source[R]) -> Select[*tuple[Any, ...]]:
    facts = [source.owned_by(asker.member_id), source.is_open, source.is_public]
    facts.append(source.linked(asker))
    granted = [way_holds(asker, way, source) for way in POWER_OF]
    # Named, because two constants of one value would be taken for one column.
    named = [fact.label(f"fact_{number}") for number, fact in enumerate((*facts, *granted))]
    return select(source.row, source.id, source.workspace_id, *named)


def _thing(asker: Asker, kind: Kind, found: Row[*tuple[Any, ...]]) -> Thing:
    _, object_id, workspace_id, is_owned, is_open, is_public, is_linked, *granted = tuple(found)
    return Thing(
        kind=kind,
        id=object_id,
        workspace_id=workspace_id,
        owner_ids=frozenset({asker.member_id}) if is_owned else frozenset(),
        is_open=is_open,
        is_public=is_public,
        is_linked=is_linked,
        granted=frozenset[Way](way for way, holds in zip(POWER_OF, granted, strict=True) if holds),
    )
