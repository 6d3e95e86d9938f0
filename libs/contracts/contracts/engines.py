"""Engines as inference tells of them: what each has counted by itself, and how each fares."""

from pydantic import BaseModel, ConfigDict, Field


class Tokens(BaseModel):
    """Tokens read, those of them that came out of a cache, and tokens written."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )

    def __sub__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            input_tokens=self.input_tokens - other.input_tokens,
            cached_tokens=self.cached_tokens - other.cached_tokens,
            output_tokens=self.output_tokens - other.output_tokens,
        )

    def is_nothing(self) -> bool:
        """Zero throughout."""
        return not (self.input_tokens or self.cached_tokens or self.output_tokens)


class EngineCounters(BaseModel):
    """The counters of one engine since `since` (Unix seconds), when it began to count from zero.

    boot: another one means that counting began anew. counted: by the engine itself, less what
    inference had it do for its own sake (`own`). heard_open: of the answers being written now, as
    far as inference has heard them. loose: the most that the engine may have counted beyond what
    was heard, because answers were broken off: an engine reads and writes a little on.
    unread: why the engine's counters could not be read; then `counted` says nothing.
    """

    engine: str
    model: str
    boot: str = ""
    since: float = 0
    counted: Tokens = Tokens()
    counts_cached: bool = True
    own: Tokens = Tokens()
    open_calls: int = 0
    heard_open: Tokens = Tokens()
    window_tokens: int = 0
    loose: Tokens = Tokens()
    unread: str | None = None


class EnginesCounted(BaseModel):
    """The counters of every engine."""

    data: list[EngineCounters]


class EngineState(BaseModel):
    """How an engine fares now. tokens_per_second: written in the last minute, over that minute.

    first_token_p50_ms: of the latest hundred answers; None: there was none yet.
    """

    engine: str
    model: str
    slots: int
    running: int
    waiting: int
    is_up: bool
    is_left_alone: bool = False
    tokens: Tokens = Tokens()
    answers: int = 0
    tokens_per_second: float = Field(default=0, ge=0)
    first_token_p50_ms: int | None = None


class EngineStates(BaseModel):
    """Every engine."""

    data: list[EngineState]
