"""The connection to Valkey or Redis, tuned for a cache that may be away."""

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ResponseError
from redis.retry import Retry

from medvault.domain.errors import Refused, Unavailable

TIMEOUT = 0.05
"""Seconds that a call may wait for the server."""


def connect(url: str) -> Redis:
    """Make a thread-safe client for a `redis://`, `rediss://` or `unix://` URL; connects later.

    Nothing is retried: a stale connection is noticed before it is used again, and everything else
    is the breaker's affair. RESP2 saves a round trip at each connect. The URL's query may set
    `ssl_ca_certs` and the like. Looking up a host's name has no time-out of its own.
    """
    client: Redis = Redis.from_url(
        url,
        protocol=2,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        driver_info=None,
    )
    return client


class RedisCheck:
    """Asks the server for a PONG, past the breaker."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def __call__(self) -> None:
        """Return if the server answers within the time-out; raises `Unavailable` or `Refused`."""
        try:
            self._client.ping()
        except AuthenticationError:
            raise Refused("cache", "refuses the user or the password", "login") from None
        except ResponseError:
            raise Refused("cache", "has no database of that number", "database") from None
        except (RedisError, OSError) as error:
            raise Unavailable("cache") from error
