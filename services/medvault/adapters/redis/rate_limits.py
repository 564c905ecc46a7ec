"""Token buckets in Valkey or Redis, by the generic cell rate algorithm (ITU-T I.371)."""

import math
from collections.abc import Sequence

from redis import Redis
from typing_extensions import override

from medvault.adapters.redis.breaker import Breaker
from medvault.ports import Bucket, RateLimiter

_PREFIX = "medvault:bucket:"
_MICROSECONDS = 1_000_000

# ARGV: for each key the microseconds that a token takes to come in, and the burst.
# A key holds the time at which its bucket is full again, by the server's clock. It is capped at
# what an empty bucket needs, so a clock that was set back can't lock anybody out.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local waits = {}
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[2 * i - 1])
  local capacity = interval * ARGV[2 * i]
  local full_at = tonumber(redis.call('GET', key) or now)
  full_at = math.min(math.max(full_at, now), now + capacity) + interval
  waits[i] = math.max(full_at - now - capacity, 0)
  if waits[i] == 0 then
    local milliseconds = math.ceil((full_at - now) / 1000)
    redis.call('SET', key, string.format('%.0f', full_at), 'PX', milliseconds)
  end
end
return waits
"""


class RedisRateLimiter(RateLimiter):
    """Fulfils `RateLimiter` for all processes, and by `fallback` while the server is away."""

    def __init__(self, client: Redis, breaker: Breaker, fallback: RateLimiter) -> None:
        self._breaker = breaker
        self._fallback = fallback
        self._script = client.register_script(_TAKE)

    @override
    def take(self, buckets: Sequence[Bucket]) -> Sequence[float]:
        if not buckets:
            return []
        keys = [_PREFIX + bucket.key for bucket in buckets]
        terms = [
            term
            for bucket in buckets
            for term in (math.ceil(_MICROSECONDS / bucket.rate), bucket.burst)
        ]
        waits = self._breaker.attempt(lambda: self._script(keys, terms))
        if waits is None:
            return self._fallback.take(buckets)
        return [wait / _MICROSECONDS for wait in waits]
