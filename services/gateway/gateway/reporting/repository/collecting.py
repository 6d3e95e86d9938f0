"""Takes ledger rows out of the queue and adds them to the sums, in one transaction."""

from sqlalchemy import func, select, text

from gateway.db import Transaction
from gateway.reporting.tables import PendingEntry

# Any number: whoever holds it adds up, others come round again.
_ONE_AT_A_TIME = 6_201_847_305

# Sums of members, assistants and keys are kept by day alone: hardly anybody calls twice in a
# quarter of an hour, so there would be as many as calls.
_COLLECT = """
WITH taken AS (
    DELETE FROM usage_pending WHERE entry_id = ANY (
        ARRAY(SELECT entry_id FROM usage_pending ORDER BY entry_id LIMIT :most)
    ) RETURNING entry_id
), calls AS MATERIALIZED (
    SELECT l.workspace_id, coalesce(l.member_id, '') AS member_id,
        coalesce(l.assistant_id, '') AS assistant_id, l.model,
        coalesce(l.key_id, '') AS key_id, l.currency, l.status, l.input_tokens,
        l.cached_tokens, l.output_tokens, l.amount_pico, l.first_token_ms,
        l.corrects IS NULL AS is_call, s.grain, s.starts_at
    FROM taken JOIN ledger l ON l.id = taken.entry_id
    CROSS JOIN LATERAL (VALUES
        ('day', date_trunc('day', l.created_at, 'UTC')),
        ('quarter',
            date_bin('15 minutes', l.created_at, TIMESTAMPTZ '2000-01-01 00:00:00+00'))
    ) AS s(grain, starts_at)
), summed AS (
    INSERT INTO usage_sums AS u (dimension, grain, workspace_id, value, starts_at, currency,
        requests, failed, cancelled, input_tokens, cached_tokens, output_tokens, amount_pico)
    SELECT d.dimension, c.grain, d.workspace_id, d.value, c.starts_at, c.currency,
        count(*) FILTER (WHERE is_call), count(*) FILTER (WHERE is_call AND c.status = 'failed'),
        count(*) FILTER (WHERE is_call AND c.status = 'cancelled'),
        sum(c.input_tokens), sum(c.cached_tokens), sum(c.output_tokens), sum(c.amount_pico)
    FROM calls c
    CROSS JOIN LATERAL (VALUES
        ('all', '', ''), ('model', '', c.model),
        ('all', c.workspace_id, ''), ('model', c.workspace_id, c.model),
        ('member', c.workspace_id, c.member_id), ('assistant', c.workspace_id, c.assistant_id),
        ('key', c.workspace_id, c.key_id)
    ) AS d(dimension, workspace_id, value)
    WHERE c.grain = 'day' OR d.dimension IN ('all', 'model')
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (dimension, grain, workspace_id, value, starts_at, currency) DO UPDATE SET
        requests = u.requests + excluded.requests,
        failed = u.failed + excluded.failed,
        cancelled = u.cancelled + excluded.cancelled,
        input_tokens = u.input_tokens + excluded.input_tokens,
        cached_tokens = u.cached_tokens + excluded.cached_tokens,
        output_tokens = u.output_tokens + excluded.output_tokens,
        amount_pico = u.amount_pico + excluded.amount_pico
), timed AS (
    INSERT INTO usage_first_tokens AS u (grain, workspace_id, starts_at, step, calls)
    SELECT c.grain, d.workspace_id, c.starts_at,
        floor(ln(greatest(c.first_token_ms, 1)) / ln(1.1))::bigint, count(*)
    FROM calls c CROSS JOIN LATERAL (VALUES (''), (c.workspace_id)) AS d(workspace_id)
    WHERE is_call AND c.first_token_ms IS NOT NULL AND (c.grain = 'day' OR d.workspace_id = '')
    GROUP BY 1, 2, 3, 4
    ON CONFLICT (grain, workspace_id, starts_at, step) DO UPDATE SET
        calls = u.calls + excluded.calls
), met AS (
    INSERT INTO usage_active_days AS u (month, workspace_id, member_id, days)
    SELECT date_trunc('month', c.starts_at AT TIME ZONE 'UTC')::date, c.workspace_id, c.member_id,
        bit_or(1::bigint << (extract(day FROM c.starts_at AT TIME ZONE 'UTC')::int - 1))
    FROM calls c
    WHERE is_call AND c.grain = 'day' AND c.member_id <> ''
    GROUP BY 1, 2, 3
    ON CONFLICT (month, workspace_id, member_id) DO UPDATE SET days = u.days | excluded.days
    WHERE u.days | excluded.days <> u.days
)
SELECT count(*) FROM taken
"""


class CollectingRepository:
    """The queue and the sums inside one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def is_alone(self) -> bool:
        """Whether no other collector works until this commit."""
        return bool(await self._tx.scalar(select(func.pg_try_advisory_xact_lock(_ONE_AT_A_TIME))))

    async def collect(self, most: int) -> int:
        """Add up to `most` rows to the sums, and say how many it were."""
        return int(await self._tx.scalar(text(_COLLECT), {"most": most}) or 0)

    async def waiting(self) -> bool:
        """Whether any row waits."""
        return await self._tx.scalar(select(PendingEntry.entry_id).limit(1)) is not None
