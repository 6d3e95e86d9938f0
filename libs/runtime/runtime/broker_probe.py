"""Redis or Valkey at start: reachable, and with the right password."""

from functools import partial

from pydantic import RedisDsn
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from runtime.cancelling import not_to_be_lost
from runtime.probing import CONNECT_SECONDS, NotYet, Probe, listens
from runtime.starting import CannotStart

VARIABLE = "STOA_REDIS_URL"
_PORT = 6379


def broker_probe(url: RedisDsn) -> Probe:
    """What must work before anything is sent or taken."""
    return partial(_answers, url)


async def _answers(url: RedisDsn) -> None:
    host, port = url.host or "localhost", url.port or _PORT
    await listens(VARIABLE, host, port)
    server: Redis = Redis.from_url(
        str(url), socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
    )
    try:
        with not_to_be_lost():
            await server.ping()
    except (AuthenticationError, ResponseError):
        raise CannotStart(
            f"{VARIABLE}: the server at {host}:{port} refuses the user, password or database number"
        ) from None
    except (RedisError, OSError) as error:
        reason = type(error).__name__
        raise NotYet(f"{VARIABLE}: {host}:{port} is not ready ({reason})") from None
    finally:
        await server.aclose()
