"""The behaviour of every session cache; test_redis_failures.py has the real one's bad days."""

import uuid

import pytest
import redis

from medvault.adapters.local.sessions import MemorySessionCache
from medvault.adapters.redis.breaker import Breaker
from medvault.adapters.redis.connection import connect
from medvault.adapters.redis.sessions import RedisSessionCache
from medvault.domain.conversation.state import SESSION_LIFETIME
from medvault.domain.identifiers import PersonId
from medvault.ports import CachedSession, SessionCache

PATIENTLY = "?socket_timeout=10"
"""A session that is missing must be missing at the server, however busy the machine is."""


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> SessionCache:
    if request.param == "memory":
        return MemorySessionCache()
    return RedisSessionCache(
        connect(request.getfixturevalue("redis_url") + PATIENTLY), Breaker("cache")
    )


def session(version: int, sealed: bytes = b"\x00\xffsealed") -> CachedSession:
    return CachedSession(version, sealed)


def test_what_was_stored_is_fetched(cache: SessionCache) -> None:
    stored = {PersonId(uuid.uuid4()): session(n, bytes([n]) * n) for n in range(64)}
    cache.store(stored)
    assert cache.fetch(list(stored)) == stored


def test_only_what_is_there_is_fetched(cache: SessionCache) -> None:
    known, unknown = PersonId(uuid.uuid4()), PersonId(uuid.uuid4())
    cache.store({known: session(1)})
    assert cache.fetch([unknown, known, known]) == {known: session(1)}


def test_nothing_is_stored_and_fetched_without_complaint(cache: SessionCache) -> None:
    cache.store({})
    assert cache.fetch([]) == {}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [(1, 2, 2), (2, 1, 2), (255, 256, 256), (256, 255, 256), (127, 128, 128), (2**40, 9, 2**40)],
)
def test_an_older_version_never_replaces_a_newer_one(
    cache: SessionCache, first: int, second: int, kept: int
) -> None:
    patient = PersonId(uuid.uuid4())
    cache.store({patient: session(first, b"first")})
    cache.store({patient: session(second, b"second")})
    assert cache.fetch([patient])[patient].version == kept


def test_an_old_session_in_a_batch_does_not_hold_up_the_others(cache: SessionCache) -> None:
    old, new = PersonId(uuid.uuid4()), PersonId(uuid.uuid4())
    cache.store({old: session(5), new: session(5)})
    cache.store({old: session(4), new: session(6)})
    assert cache.fetch([old, new]) == {old: session(5), new: session(6)}


def test_redis_forgets_after_the_lifetime_and_names_nobody(redis_url: str) -> None:
    patient = PersonId(uuid.uuid4())
    cache = RedisSessionCache(connect(redis_url + PATIENTLY), Breaker("cache"))
    cache.store({patient: session(1)})
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys() == [f"medvault:session:{patient.hex}".encode()]
        left = client.pttl(f"medvault:session:{patient.hex}")
        lifetime = SESSION_LIFETIME.total_seconds() * 1000
        assert lifetime - 10_000 < left <= lifetime


@pytest.mark.parametrize("damaged", [b"", b"short"])
def test_a_damaged_value_counts_as_missing_and_is_replaced(redis_url: str, damaged: bytes) -> None:
    patient = PersonId(uuid.uuid4())
    cache = RedisSessionCache(connect(redis_url + PATIENTLY), Breaker("cache"))
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"medvault:session:{patient.hex}", damaged)
    assert cache.fetch([patient]) == {}
    cache.store({patient: session(1)})
    assert cache.fetch([patient]) == {patient: session(1)}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_memory_forgets_after_the_lifetime_that_each_store_renews() -> None:
    clock = Clock()
    cache = MemorySessionCache(clock)
    patient = PersonId(uuid.uuid4())
    lifetime = SESSION_LIFETIME.total_seconds()
    cache.store({patient: session(7)})
    clock.now = lifetime - 1
    cache.store({patient: session(8)})
    clock.now = 2 * lifetime - 2
    assert cache.fetch([patient]) == {patient: session(8)}
    clock.now = 2 * lifetime
    assert cache.fetch([patient]) == {}
    cache.store({patient: session(1)})
    assert cache.fetch([patient]) == {patient: session(1)}


def test_memory_holds_the_sessions_used_last() -> None:
    cache = MemorySessionCache(size=2)
    first, second, third = (PersonId(uuid.uuid4()) for _ in range(3))
    cache.store({first: session(1)})
    cache.store({second: session(1)})
    cache.fetch([first])
    cache.store({third: session(1)})
    assert cache.fetch([first, second, third]).keys() == {first, third}
