"""What the gateway counts, and what it measures when somebody scrapes."""

from contracts.generation import EngineUsage
from runtime.metrics import SLOW_SECONDS, MetricSheet

_sheet = MetricSheet("gateway")

ANSWERS = _sheet.counter(
    "stoa_answers_total",
    "Answers that ended: complete, cancelled (the reader left or stopped it) or failed; resting on "
    "passages, on none, or not on documents at all (off).",
    "outcome",
    "grounding",
)
FIRST_TOKEN_SECONDS = _sheet.histogram(
    "stoa_answer_first_token_seconds",
    "From the call of the engine to its first token.",
    buckets=SLOW_SECONDS,
)
ANSWER_SECONDS = _sheet.histogram(
    "stoa_answer_seconds", "From the question to the end of its answer.", buckets=SLOW_SECONDS
)
TOKENS = _sheet.counter(
    "stoa_answer_tokens_total",
    "Tokens as the engines count them: input (cached ones included), cached, output.",
    "kind",
)
TURNS = _sheet.gauge("stoa_turns_open", "Answers of the web chat being written now.")
JOBS = _sheet.gauge(
    "stoa_jobs",
    "Document versions that are neither ready nor failed, by stage.",
    "state",
)
OUTBOX_WAITING = _sheet.gauge(
    "stoa_outbox_waiting", "Messages that are due and not yet sent to the broker."
)
OUTBOX_SENT = _sheet.counter("stoa_outbox_sent_total", "Messages sent to the broker.", "task")
LETTERS = _sheet.counter(
    "stoa_letters_total", "Letters to members: sent, failed, or dropped under load.", "outcome"
)
GUESSES_REFUSED = _sheet.counter(
    "stoa_guesses_refused_total",
    "Attempts at passwords and codes that were over a limit, by what was tried.",
    "what",
)
CONNECTIONS = _sheet.gauge(
    "stoa_database_connections", "Connections to PostgreSQL, used and idle.", "state"
)

RECONCILIATION_ALARMS = _sheet.gauge(
    "stoa_reconciliation_alarms",
    "What differed when the ledger was last held against the engines' counters and the"
    " conversations: engines and single turns. 0 is right, above it somebody must look.",
)


def note_answer(
    outcome: str, grounding: str, usage: EngineUsage, first_token_ms: int | None, seconds: float
) -> None:
    """An answer has ended."""
    ANSWERS.labels(outcome, grounding).inc()
    ANSWER_SECONDS.observe(seconds)
    TOKENS.labels("input").inc(usage.input_tokens)
    TOKENS.labels("cached").inc(min(usage.cached_tokens, usage.input_tokens))
    TOKENS.labels("output").inc(usage.output_tokens)
    if first_token_ms is not None:
        FIRST_TOKEN_SECONDS.observe(first_token_ms / 1000)
