"""A circuit breaker: a cache that does not answer must not cost its time-out at every call."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from redis import RedisError

from medvault.domain.breaker import BreakerState
from medvault.observability import metrics

T = TypeVar("T")

log = structlog.get_logger()


class Breaker:
    """Opens after `failures` failures in a row; every `pause` seconds one call probes.

    Thread-safe. A probe that never comes back is given up after another pause.
    """

    def __init__(
        self,
        dependency: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        failures: int = 3,
        pause: float = 2.0,
    ) -> None:
        self._dependency = dependency
        self._clock = clock
        self._limit = failures
        self._pause = pause
        self._lock = threading.Lock()
        self._state = BreakerState.CLOSED
        self._in_a_row = 0
        self._probe_at = 0.0
        self._failures = metrics.dependency_failures[dependency]
        self._gauge = metrics.breaker_open[dependency]
        self._gauge.set(0)

    @property
    def state(self) -> BreakerState:
        """The state that the next call meets."""
        return self._state

    def attempt(self, call: Callable[[], T]) -> T | None:
        """Return what `call` returns, or None if it failed or was spared; never raises for Redis.

        `call` must not return None where the caller has to tell the two apart.
        """
        if self._state is not BreakerState.CLOSED and not self._may_probe():
            return None
        try:
            result = call()
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        self._succeeded()
        return result

    def _may_probe(self) -> bool:
        with self._lock:
            if self._state is BreakerState.CLOSED:
                return True
            now = self._clock()
            if now < self._probe_at:
                return False
            self._state = BreakerState.HALF_OPEN
            self._probe_at = now + self._pause
            return True

    def _failed(self, error: Exception) -> None:
        self._failures.inc()
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < self._limit:
                return
            opened = self._state is BreakerState.CLOSED
            self._state = BreakerState.OPEN
            self._probe_at = self._clock() + self._pause
        if opened:
            self._gauge.set(1)
            log.warning("breaker opened", dependency=self._dependency, error=type(error))

    def _succeeded(self) -> None:
        if self._in_a_row == 0:
            return
        with self._lock:
            self._in_a_row = 0
            closed = self._state is not BreakerState.CLOSED
            self._state = BreakerState.CLOSED
        if closed:
            self._gauge.set(0)
            log.info("breaker closed", dependency=self._dependency)
