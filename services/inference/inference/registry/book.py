"""What inference hears of one engine's answers: those open now, and the pace of the latest ones."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median

from contracts.engines import Tokens
from contracts.generation import EngineUsage

READ_ON_TOKENS = 16
"""An engine that is told to stop writes on until it hears of it: so many tokens at the most."""
FIRST_TOKENS_KEPT = 100
PACE_SECONDS = 60

Clock = Callable[[], float]


class OpenCall:
    """An answer in the making."""

    def __init__(self) -> None:
        self.heard = Tokens()

    def hear(self, usage: EngineUsage) -> int:
        """Take note of the running usage; returns how many tokens were written since."""
        written = usage.output_tokens - self.heard.output_tokens
        self.heard = Tokens(
            input_tokens=usage.input_tokens,
            cached_tokens=min(usage.cached_tokens, usage.input_tokens),
            output_tokens=usage.output_tokens,
        )
        return max(0, written)


class EngineBook:
    """Sums over the answers of one engine since this process began."""

    def __init__(self, window_tokens: int, clock: Clock = time.monotonic) -> None:
        self.heard = Tokens()
        self.answers = 0
        self.loose = Tokens()
        self._window_tokens = window_tokens
        self._open: set[OpenCall] = set()
        self._first_tokens: deque[float] = deque(maxlen=FIRST_TOKENS_KEPT)
        self._pace: deque[tuple[int, int]] = deque(maxlen=PACE_SECONDS + 1)
        self._clock = clock

    @property
    def open_calls(self) -> int:
        """How many answers are being made."""
        return len(self._open)

    @property
    def heard_open(self) -> Tokens:
        """What was heard of them so far."""
        return sum((call.heard for call in self._open), Tokens())

    @property
    def tokens_per_second(self) -> float:
        """Written in the last minute, over that minute."""
        oldest = int(self._clock()) - PACE_SECONDS
        return sum(tokens for second, tokens in self._pace if second > oldest) / PACE_SECONDS

    @property
    def first_token_p50_ms(self) -> int | None:
        """Of the latest answers."""
        return round(median(self._first_tokens) * 1000) if self._first_tokens else None

    def begin(self) -> OpenCall:
        """An answer begins."""
        call = OpenCall()
        self._open.add(call)
        return call

    def hear(self, call: OpenCall, usage: EngineUsage) -> None:
        """A chunk of it has come."""
        written, second = call.hear(usage), int(self._clock())
        if self._pace and self._pace[-1][0] == second:
            written += self._pace.pop()[1]
        self._pace.append((second, written))

    def first_token(self, seconds: float) -> None:
        """Its first token has come after so long."""
        self._first_tokens.append(seconds)

    def end(self, call: OpenCall, *, is_whole: bool) -> None:
        """It has ended; not whole: it was broken off, and the engine may have gone on a little."""
        self._open.discard(call)
        self.heard += call.heard
        self.answers += 1
        if is_whole:
            return
        # Of a prompt that was being read nobody knows how much the engine has counted.
        unknown = 0 if call.heard.input_tokens else self._window_tokens
        self.loose += Tokens(
            input_tokens=unknown,
            cached_tokens=call.heard.input_tokens or self._window_tokens,
            output_tokens=READ_ON_TOKENS,
        )
