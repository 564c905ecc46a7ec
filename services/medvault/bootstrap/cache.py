"""Cache and rate limits: shared where there is a cache, else the process's own."""

from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.adapters.local.sessions import MemorySessionCache
from medvault.adapters.redis.breaker import Breaker
from medvault.adapters.redis.connection import RedisCheck
from medvault.adapters.redis.connection import connect as connect_cache
from medvault.adapters.redis.rate_limits import RedisRateLimiter
from medvault.adapters.redis.sessions import RedisSessionCache
from medvault.bootstrap.foundation import secret
from medvault.ports import Check, RateLimiter, SessionCache
from medvault.settings import Settings


def make_session_cache(settings: Settings) -> tuple[SessionCache, RateLimiter, dict[str, Check]]:
    """Build cache and rate limits: shared where there is a cache, else this process's own."""
    if settings.cache_url is None:
        return MemorySessionCache(), LocalRateLimiter(), {}
    client, breaker = connect_cache(secret(settings.cache_url)), Breaker("cache")
    limiter = RedisRateLimiter(client, breaker, LocalRateLimiter())
    return RedisSessionCache(client, breaker), limiter, {"cache": RedisCheck(client)}
