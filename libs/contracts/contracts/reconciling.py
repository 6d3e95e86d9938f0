"""The ledger held against the engines' own counters and against the conversations."""

from typing import Literal

from pydantic import BaseModel

from contracts.engines import Tokens

Verdict = Literal["equal", "explained", "differs", "unread"]
"""equal: to the token. explained: by answers that were open or broken off, or by rows whose engine
gave no count. differs: an alarm. unread: an engine's counters could not be asked for."""


class ReconciledEngine(BaseModel):
    """One engine from `since` to `until` (Unix seconds).

    note: `first`: nothing was compared before; `restarted`: it began to count anew. counted: by the
    engine; charged: in the ledger; difference: counted less charged. may_exceed, may_lack: the most
    that open and broken-off answers can put on top, and rows without a count take away.
    """

    engine: str
    model: str
    boot: str = ""
    note: Literal["", "first", "restarted"] = ""
    since: float = 0
    until: float = 0
    calls: int = 0
    counted: Tokens = Tokens()
    charged: Tokens = Tokens()
    difference: Tokens = Tokens()
    open_calls: int = 0
    estimated_calls: int = 0
    may_exceed: Tokens = Tokens()
    may_lack: Tokens = Tokens()
    verdict: Verdict
    unread: str | None = None
    counters: Tokens = Tokens()
    """As the engine told them: the next reconciliation begins here."""
    loose: Tokens = Tokens()
    base: Tokens = Tokens()
    """The same at `since`."""
    base_loose: Tokens = Tokens()


class Finding(BaseModel):
    """A turn and the ledger do not agree.

    not_charged: a model's answer without a row. counts_differ: its row has other counts.
    charged_twice: a second row of one answer. without_turn: a row for no turn there is.
    correction: what a correcting row would add to the ledger, never written by itself.
    correction_id: the row that has set it right; None: there is none.
    """

    kind: Literal["not_charged", "counts_differ", "charged_twice", "without_turn"]
    at: int
    request_id: str
    ledger_id: str | None
    model: str | None
    said: Tokens
    charged: Tokens
    correction: Tokens
    correction_id: str | None = None


class ReconciliationView(BaseModel):
    """One reconciliation. since, until: of the turns it looked at; `since` 0: the first one.

    findings: the first of them; finding_count: how many there are; open_count: those of them that
    nobody has set right yet.
    """

    id: str
    object: Literal["reconciliation"] = "reconciliation"
    created_at: int
    night: str | None
    since: int
    until: int
    verdict: Verdict
    engines: list[ReconciledEngine]
    findings: list[Finding]
    finding_count: int
    open_count: int = 0
