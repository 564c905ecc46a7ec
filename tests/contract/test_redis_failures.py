"""The real cache killed, frozen, refusing and back again: it costs speed, never an error."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import redis

from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.adapters.redis.breaker import Breaker
from medvault.adapters.redis.connection import RedisCheck, connect
from medvault.adapters.redis.rate_limits import RedisRateLimiter
from medvault.adapters.redis.sessions import RedisSessionCache
from medvault.domain.breaker import BreakerState
from medvault.domain.errors import Refused, Unavailable
from medvault.domain.identifiers import PersonId
from medvault.observability.metrics import REGISTRY
from medvault.ports import Bucket, CachedSession
from support.servers.valkey import PrivateValkey

PATIENT = PersonId(uuid.uuid4())
SESSION = CachedSession(1, b"sealed")
BUCKET = Bucket("recipient", 1 / 3600, 2)
ONE_CALL = 0.05 + 0.1
"""The time-out, and what a busy machine adds."""
pytestmark = pytest.mark.alone


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Vault:
    """All that talks to one server of its own."""

    server: PrivateValkey
    clock: Clock
    breaker: Breaker
    cache: RedisSessionCache
    limiter: RedisRateLimiter
    check: RedisCheck


@pytest.fixture
def vault() -> Iterator[Vault]:
    with PrivateValkey() as server:
        client = connect(server.url)
        clock = Clock()
        breaker = Breaker("cache", clock, failures=3, pause=2.0)
        cache = RedisSessionCache(client, breaker)
        limiter = RedisRateLimiter(client, breaker, LocalRateLimiter())
        cache.store({PATIENT: SESSION})
        limiter.take([Bucket("loads the script", 1, 1)])
        yield Vault(server, clock, breaker, cache, limiter, RedisCheck(client))
        client.close()


def is_closed(breaker: Breaker) -> bool:
    return breaker.state is BreakerState.CLOSED


def is_open(breaker: Breaker) -> bool:
    return breaker.state is BreakerState.OPEN


def is_half_open(breaker: Breaker) -> bool:
    return breaker.state is BreakerState.HALF_OPEN


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def test_a_frozen_server_costs_three_time_outs_and_then_nothing(vault: Vault) -> None:
    vault.server.pause()
    calls: list[Callable[[], object]] = [
        lambda: vault.cache.store({PATIENT: SESSION}),
        lambda: vault.cache.fetch([PATIENT]),
        lambda: vault.limiter.take([BUCKET]),
    ]
    for call in calls:
        assert is_closed(vault.breaker)
        assert 0.04 < timed(call) < ONE_CALL
    assert is_open(vault.breaker)
    assert REGISTRY.get_sample_value("medvault_breaker_open", {"dependency": "cache"}) == 1
    assert timed(lambda: [call() for call in calls * 100]) < 1
    vault.server.resume()


@pytest.mark.parametrize("harm", ["pause", "kill"])
def test_while_the_server_is_away_sessions_are_missing_and_limits_hold_in_the_process(
    vault: Vault, harm: str
) -> None:
    getattr(vault.server, harm)()
    for _ in range(5):
        vault.cache.store({PATIENT: SESSION})
        assert vault.cache.fetch([PATIENT]) == {}
    first, second, third = (vault.limiter.take([BUCKET])[0] for _ in range(3))
    assert (first, second) == (0, 0)
    assert third > 3000


@pytest.mark.parametrize(("harm", "relief"), [("pause", "resume"), ("kill", "start")])
def test_a_server_that_is_back_is_used_again_after_a_probe(
    vault: Vault, harm: str, relief: str
) -> None:
    getattr(vault.server, harm)()
    for _ in range(3):
        vault.cache.fetch([PATIENT])
    vault.clock.now += 2.0
    vault.cache.fetch([PATIENT])
    assert is_open(vault.breaker)
    getattr(vault.server, relief)()
    vault.cache.store({PATIENT: SESSION})
    assert is_open(vault.breaker)
    vault.clock.now += 2.0
    vault.cache.store({PATIENT: SESSION})
    assert is_closed(vault.breaker)
    assert vault.cache.fetch([PATIENT]) == {PATIENT: SESSION}
    assert vault.limiter.take([BUCKET]) == [0]
    assert REGISTRY.get_sample_value("medvault_breaker_open", {"dependency": "cache"}) == 0


def test_a_restart_between_two_calls_goes_unnoticed(vault: Vault) -> None:
    vault.limiter.take([BUCKET])
    vault.server.kill()
    vault.server.start()
    vault.cache.store({PATIENT: SESSION})
    assert vault.cache.fetch([PATIENT]) == {PATIENT: SESSION}
    assert vault.limiter.take([BUCKET]) == [0]
    assert is_closed(vault.breaker)


def test_a_server_without_memory_refuses_and_nothing_raises(vault: Vault) -> None:
    with redis.Redis.from_url(vault.server.url) as admin:
        admin.config_set("maxmemory", "1")
    vault.cache.store({PATIENT: CachedSession(2, b"new")})
    assert vault.cache.fetch([PATIENT]) == {PATIENT: SESSION}
    assert vault.limiter.take([BUCKET]) == [0]


def test_the_check_tells_in_time_whether_the_server_answers(vault: Vault) -> None:
    vault.check()
    vault.server.pause()
    started = time.perf_counter()
    with pytest.raises(Unavailable, match="cache"):
        vault.check()
    assert time.perf_counter() - started < 1
    vault.server.resume()
    vault.check()
    vault.server.kill()
    with pytest.raises(Unavailable):
        vault.check()


def test_only_one_of_many_threads_probes() -> None:
    clock = Clock()
    breaker = Breaker("cache", clock, failures=1, pause=2.0)

    def refuse() -> bool:
        raise redis.ConnectionError

    breaker.attempt(refuse)
    clock.now = 2.0
    inside, leave = threading.Event(), threading.Event()

    def probe() -> bool:
        inside.set()
        return leave.wait(10)

    prober = threading.Thread(target=breaker.attempt, args=[probe])
    prober.start()
    assert inside.wait(10)
    assert is_half_open(breaker)
    assert breaker.attempt(lambda: True) is None
    leave.set()
    prober.join(10)
    assert is_closed(breaker)
    assert breaker.attempt(lambda: True) is True


@pytest.mark.parametrize(
    ("place", "reason"), [("nobody:wrong@{}/0", "login"), ("{}/999", "database")]
)
def test_a_cache_that_lets_nobody_in_is_told_from_one_that_is_away(
    vault: Vault, place: str, reason: str
) -> None:
    address = vault.server.url.removeprefix("redis://").partition("/")[0]
    with pytest.raises(Refused) as caught:
        RedisCheck(connect("redis://" + place.format(address)))()
    assert caught.value.reason == reason
