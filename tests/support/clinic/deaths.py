"""Processes that die at a certain point, and dependencies that fail at one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction


class Died(BaseException):
    """The end of a process; no `except Exception` survives it."""


class Fate:
    """Counts the points that are passed, and strikes once, at the one numbered `at`."""

    def __init__(self, at: int, strike: Callable[[], BaseException] = Died) -> None:
        self._at = at
        self._strike = strike
        self.passed: list[str] = []

    @property
    def struck(self) -> bool:
        """Whether the point was reached."""
        return len(self.passed) >= self._at

    def passes(self, point: str) -> None:
        """Passes a point, or not."""
        self.passed.append(point)
        if len(self.passed) == self._at:
            raise self._strike()


class Mortal:
    """A port whose calls are points: one just before and one just after each."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def mortal(*arguments: Any, **more: Any) -> Any:
            self._fate.passes(f"before {name}")
            result = call(*arguments, **more)
            self._fate.passes(f"after {name}")
            return result

        return mortal


class MortalDatabase:
    """A database before and after whose transactions one may die."""

    def __init__(self, inner: Database, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    @contextmanager
    def begin(self, name: Transaction) -> Iterator[UnitOfWork]:
        """Dies before it begins, just before it commits, or after."""
        self._fate.passes("before begin")
        with self._inner.begin(name) as work:
            yield work
            self._fate.passes("before commit")
        self._fate.passes("after commit")

    def check(self) -> None:
        """Never dies."""
        self._inner.check()


class Failing:
    """A port of which the calls of one name raise, `times` in a row."""

    def __init__(self, inner: Any, name: str, error: Exception, times: int = 1) -> None:
        self._inner = inner
        self._name = name
        self._error = error
        self.left = times

    def __getattr__(self, name: str) -> Any:
        if name == self._name and self.left > 0:
            self.left -= 1
            raise self._error
        return getattr(self._inner, name)


class Meanwhile:
    """A port during the first call of one name on which something else happens, just before it."""

    def __init__(self, inner: Any, name: str, happens: Callable[[], object]) -> None:
        self._inner = inner
        self._name = name
        self._happens = [happens]

    def __getattr__(self, name: str) -> Any:
        if name == self._name and self._happens:
            self._happens.pop()()
        return getattr(self._inner, name)
