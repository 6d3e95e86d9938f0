"""What inference measures of its engines, by the model they serve."""

from runtime.metrics import SLOW_SECONDS, MetricSheet

_sheet = MetricSheet("inference")

SLOTS = _sheet.gauge("stoa_engine_slots", "Answers the engine makes side by side.", "model")
RUNNING = _sheet.gauge("stoa_engine_running", "Answers being generated now.", "model")
QUEUED = _sheet.gauge("stoa_engine_queued", "Answers that wait for a slot.", "model")
UP = _sheet.gauge(
    "stoa_engine_up", "1 unless the engine is known to be down; readiness proves more.", "model"
)
BREAKER_OPEN = _sheet.gauge(
    "stoa_engine_breaker_open",
    "1 while a server that kept failing is left alone and calls are refused.",
    "model",
)
ANSWERS = _sheet.counter(
    "stoa_engine_answers_total",
    "Calls of the engine that ended: complete, cancelled by the caller, or an error's code.",
    "model",
    "outcome",
)
FIRST_TOKEN_SECONDS = _sheet.histogram(
    "stoa_engine_first_token_seconds",
    "From the slot to the first token.",
    "model",
    buckets=SLOW_SECONDS,
)
TOKENS = _sheet.counter(
    "stoa_engine_tokens_total",
    "Tokens of complete and broken-off answers, as the engine counts: input, cached, output.",
    "model",
    "kind",
)
