"""The session cache in Valkey or Redis."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from typing_extensions import override

from medvault import failpoints
from medvault.adapters.redis.breaker import Breaker
from medvault.domain.conversation.state import SESSION_LIFETIME
from medvault.domain.identifiers import PersonId
from medvault.failpoints import OutwardStep
from medvault.ports import CachedSession, SessionCache

_PREFIX = "medvault:session:"
_VERSION_BYTES = 8

# ARGV: milliseconds to live, then a value for each key; a value starts with its version.
# Versions are compared as numbers: Lua compares strings by the server's locale.
_STORE = """
for i, key in ipairs(KEYS) do
  local value = ARGV[i + 1]
  local held = redis.call('GETRANGE', key, 0, 7)
  if #held < 8 or struct.unpack('>I8', held) <= struct.unpack('>I8', value) then
    redis.call('SET', key, value, 'PX', ARGV[1])
  end
end
return #KEYS
"""


class RedisSessionCache(SessionCache):
    """Fulfils `SessionCache` for all processes; a value is its version, big-endian, then bytes."""

    def __init__(self, client: Redis, breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker
        self._script = client.register_script(_STORE)
        self._lifetime = int(SESSION_LIFETIME.total_seconds() * 1000)

    @override
    def store(self, sessions: Mapping[PersonId, CachedSession]) -> None:
        if not sessions:
            return
        keys = [_key(patient) for patient in sessions]
        values = [
            session.version.to_bytes(_VERSION_BYTES, "big") + session.sealed
            for session in sessions.values()
        ]
        failpoints.before(OutwardStep.STORE_SESSIONS)
        self._breaker.attempt(lambda: self._script(keys, [self._lifetime, *values]))
        failpoints.after(OutwardStep.STORE_SESSIONS)

    @override
    def fetch(self, patients: Sequence[PersonId]) -> Mapping[PersonId, CachedSession]:
        if not patients:
            return {}
        keys = [_key(patient) for patient in patients]
        values: list[Any] = self._breaker.attempt(lambda: self._client.mget(keys)) or []
        return {
            patient: CachedSession(
                int.from_bytes(value[:_VERSION_BYTES], "big"), value[_VERSION_BYTES:]
            )
            for patient, value in zip(patients, values, strict=False)
            if value is not None and len(value) >= _VERSION_BYTES
        }


def _key(patient: PersonId) -> str:
    return _PREFIX + patient.hex
