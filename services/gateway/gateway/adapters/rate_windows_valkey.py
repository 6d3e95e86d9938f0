"""Rate windows in Valkey (or Redis), counted by its own clock and for every gateway together.

A subject has a sorted set (entry id by moment) and a hash (entry id to tokens). One script checks
all bounds and counts against all of them, or against none: two gateways never both take the last.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from gateway.adapters.rate_windows_memory import WINDOW_SECONDS
from gateway.rate_windows import Bound, RateWindowsUnavailable, Taken, Used
from runtime.cancelling import not_to_be_lost

# A caller waits for this with every call, so a server that hangs must be noticed soon.
_PATIENCE_SECONDS = 2.0
# Calls are short: a burst waits a moment for a connection instead of opening hundreds.
_MOST_CONNECTIONS = 16

# KEYS: moments and tokens of each subject. ARGV: window in ms, entry id ('' only looks), tokens,
# then requests and tokens of each bound. Answers: wait in ms, then requests, tokens and reset in
# ms of each subject.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local window, id, wanted = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local wait = 0
local function sum(values)
  local total = 0
  for _, value in ipairs(values) do total = total + tonumber(value) end
  return total
end
for i = 1, #KEYS, 2 do
  local gone = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now - window)
  for _, each in ipairs(gone) do redis.call('HDEL', KEYS[i + 1], each) end
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - window)
  if id ~= '' then
    local most_requests, most_tokens = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
    local cost = math.min(wanted, most_tokens)
    local requests = redis.call('ZCARD', KEYS[i])
    local tokens = sum(redis.call('HVALS', KEYS[i + 1]))
    if requests >= most_requests or tokens + cost > most_tokens then
      local entries = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
      for at = 1, #entries, 2 do
        if requests < most_requests and tokens + cost <= most_tokens then break end
        requests = requests - 1
        tokens = tokens - tonumber(redis.call('HGET', KEYS[i + 1], entries[at]) or 0)
        wait = math.max(wait, tonumber(entries[at + 1]) + window - now, 1)
      end
    end
  end
end
local answer = {wait}
for i = 1, #KEYS, 2 do
  if id ~= '' and wait == 0 then
    redis.call('ZADD', KEYS[i], now, id)
    redis.call('HSET', KEYS[i + 1], id, math.min(wanted, tonumber(ARGV[i + 4])))
    redis.call('PEXPIRE', KEYS[i], window)
    redis.call('PEXPIRE', KEYS[i + 1], window)
  end
  local newest = redis.call('ZRANGE', KEYS[i], -1, -1, 'WITHSCORES')
  answer[#answer + 1] = redis.call('ZCARD', KEYS[i])
  answer[#answer + 1] = sum(redis.call('HVALS', KEYS[i + 1]))
  answer[#answer + 1] = newest[2] and tonumber(newest[2]) + window - now or 0
end
return answer
"""

_CORRECT = """
for i = 1, #KEYS do
  if redis.call('HEXISTS', KEYS[i], ARGV[1]) == 1 then
    redis.call('HSET', KEYS[i], ARGV[1], ARGV[2])
  end
end
"""


class ValkeyRateWindows:
    """Every call is one round trip."""

    def __init__(self, url: str, window_seconds: float = WINDOW_SECONDS) -> None:
        self._window_ms = int(window_seconds * 1000)
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_MOST_CONNECTIONS,
            timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            socket_timeout=_PATIENCE_SECONDS,
        )
        self._server: Redis = Redis.from_pool(pool)
        self._take = self._server.register_script(_TAKE)
        self._correct = self._server.register_script(_CORRECT)

    async def take(self, bounds: Sequence[Bound], entry_id: str, tokens: int) -> Taken:
        """See RateWindows."""
        wait_ms, used = await self._asked(bounds, entry_id, tokens)
        return Taken(used, wait_ms / 1000 if wait_ms else None)

    async def correct(self, subjects: Sequence[str], entry_id: str, tokens: int) -> None:
        """See RateWindows."""
        async with _answering():
            await self._correct([_tokens(each) for each in subjects], [entry_id, tokens])

    async def used(self, bounds: Sequence[Bound]) -> Sequence[Used]:
        """See RateWindows."""
        _, used = await self._asked(bounds, "", 0)
        return used

    async def close(self) -> None:
        """See RateWindows."""
        await self._server.aclose()

    async def _asked(
        self, bounds: Sequence[Bound], entry_id: str, tokens: int
    ) -> tuple[int, Sequence[Used]]:
        keys = [key for each in bounds for key in (_moments(each.subject), _tokens(each.subject))]
        limits = [limit for each in bounds for limit in (each.requests, each.tokens)]
        async with _answering():
            answer = await self._take(keys, [self._window_ms, entry_id, tokens, *limits])
        wait_ms, *numbers = map(int, answer)
        triples = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
        return wait_ms, [Used(requests, used, reset / 1000) for requests, used, reset in triples]


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        with not_to_be_lost():
            yield
    except (RedisError, OSError) as error:
        raise RateWindowsUnavailable("Requests cannot be counted just now.") from error


def _moments(subject: str) -> str:
    return f"stoa:rate:{subject}"


def _tokens(subject: str) -> str:
    return f"stoa:rate:{subject}:tokens"
