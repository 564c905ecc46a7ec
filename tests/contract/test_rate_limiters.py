"""The behaviour of every rate limiter; test_redis_failures.py has the real one's bad days."""

import threading
import uuid
from collections.abc import Callable

import pytest
import redis

from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.adapters.redis.breaker import Breaker
from medvault.adapters.redis.connection import connect
from medvault.adapters.redis.rate_limits import RedisRateLimiter
from medvault.ports import Bucket, RateLimiter
from support.servers.waiting import wait_until

HOURLY = 1 / 3600

PATIENTLY = "?socket_timeout=10"
"""The server must have allowed each call that passes, however busy the machine is."""


@pytest.fixture(params=["local", "redis"])
def new_limiter(request: pytest.FixtureRequest) -> Callable[[], RateLimiter]:
    """Makes limiters that share their buckets as far as theirs are shared."""
    if request.param == "local":
        local = LocalRateLimiter()
        return lambda: local
    url = request.getfixturevalue("redis_url") + PATIENTLY
    return lambda: RedisRateLimiter(connect(url), Breaker("cache"), LocalRateLimiter())


@pytest.fixture
def limiter(new_limiter: Callable[[], RateLimiter]) -> RateLimiter:
    return new_limiter()


def bucket(rate: float, burst: int) -> Bucket:
    return Bucket(uuid.uuid4().hex, rate, burst)


def test_a_new_bucket_is_full_and_then_tells_how_long_to_wait(limiter: RateLimiter) -> None:
    slow = bucket(rate=0.1, burst=3)
    assert [*limiter.take([slow]), *limiter.take([slow]), *limiter.take([slow])] == [0, 0, 0]
    assert limiter.take([slow])[0] == pytest.approx(10, abs=1)


def test_a_refused_token_is_not_owed(limiter: RateLimiter) -> None:
    slow = bucket(rate=0.1, burst=1)
    limiter.take([slow])
    for _ in range(20):
        assert 0 < limiter.take([slow])[0] <= 10


def test_buckets_are_taken_from_independently(limiter: RateLimiter) -> None:
    empty, full = bucket(HOURLY, 1), bucket(HOURLY, 1)
    limiter.take([empty])
    first, second = limiter.take([empty, full])
    assert first > 3000
    assert second == 0


def test_a_key_that_occurs_several_times_costs_several_tokens(limiter: RateLimiter) -> None:
    twice = bucket(HOURLY, 2)
    waits = limiter.take([twice, twice, twice])
    assert waits[:2] == [0, 0]
    assert waits[2] > 3000
    assert limiter.take([twice])[0] > 3000


def test_nothing_is_taken_of_no_bucket(limiter: RateLimiter) -> None:
    assert list(limiter.take([])) == []


@pytest.mark.alone
def test_a_token_is_there_after_the_time_that_was_told(limiter: RateLimiter) -> None:
    quick = bucket(rate=20, burst=1)
    limiter.take([quick])
    wait = limiter.take([quick])[0]
    assert 0 < wait <= 0.05
    wait_until(lambda: limiter.take([quick])[0] == 0, seconds=2, what="a token")


def test_many_threads_never_get_more_than_the_burst(
    new_limiter: Callable[[], RateLimiter],
) -> None:
    shared = bucket(HOURLY, 50)
    taken: list[float] = []
    start = threading.Barrier(8)

    def work() -> None:
        limiter = new_limiter()
        start.wait(10)
        for _ in range(10):
            taken.extend(limiter.take([shared, shared]))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 160
    assert taken.count(0) == 50


def test_redis_keys_expire_when_their_bucket_is_full_again(redis_url: str) -> None:
    limiter = RedisRateLimiter(connect(redis_url + PATIENTLY), Breaker("cache"), LocalRateLimiter())
    limiter.take([Bucket("slow", 0.5, 10), Bucket("slow", 0.5, 10), Bucket("quick", 1000, 10)])
    with redis.Redis.from_url(redis_url) as client:
        assert 3000 < client.pttl("medvault:bucket:slow") <= 4001
        wait_until(lambda: not client.exists("medvault:bucket:quick"), seconds=2, what="expiry")


def test_a_server_whose_clock_was_set_back_locks_nobody_out(redis_url: str) -> None:
    limiter = RedisRateLimiter(connect(redis_url + PATIENTLY), Breaker("cache"), LocalRateLimiter())
    with redis.Redis.from_url(redis_url) as client:
        seconds, _ = client.time()
        client.set("medvault:bucket:a", (seconds + 86_400) * 1_000_000)
    assert 0 < limiter.take([Bucket("a", 0.5, 10)])[0] <= 2


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("rate", [80, 3, 1 / 6, 0.7])
def test_local_gives_exactly_rate_and_burst(rate: float) -> None:
    clock = Clock()
    limiter = LocalRateLimiter(clock)
    given = 0
    for tick in range(10_000):
        clock.now = 1000.0 + tick / 100
        given += list(limiter.take([Bucket("a", rate, 5)])).count(0.0)
    assert given == pytest.approx(5 + rate * 100, abs=1)
    assert given <= 5 + rate * 100


def test_local_remembers_a_bounded_number_of_keys() -> None:
    limiter = LocalRateLimiter(Clock(), size=2)
    limiter.take([Bucket("a", HOURLY, 1), Bucket("b", HOURLY, 1), Bucket("c", HOURLY, 1)])
    assert limiter.take([Bucket("c", HOURLY, 1)])[0] > 0
    assert limiter.take([Bucket("b", HOURLY, 1)])[0] > 0
    assert limiter.take([Bucket("a", HOURLY, 1)])[0] == 0
