"""Readiness: which dependencies answer, and how fast."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import structlog

from medvault.domain.errors import Permanent, Refused
from medvault.observability import metrics

LIMIT = 1.0
"""Seconds that a check may take, and that a report stays fresh."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dependency:
    """`state` is `up`, `down`, `refused` or the check's own note, such as `not scanned`.

    `why` says who or what is refused.
    """

    state: str
    milliseconds: float
    why: str = ""

    @property
    def away(self) -> bool:
        """Whether nothing can be done with it."""
        return self.state in ("down", "refused")

    def as_json(self) -> dict[str, object]:
        """Return what /ready shows of it."""
        shown: dict[str, object] = {"state": self.state, "ms": self.milliseconds}
        return shown | {"why": self.why} if self.why else shown


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of /ready; a process that drains is not ready, whatever its dependencies."""

    ready: bool
    dependencies: Mapping[str, Dependency]
    draining: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the answer's body."""
        answer: dict[str, object] = {
            "status": self.status,
            "dependencies": {name: found.as_json() for name, found in self.dependencies.items()},
        }
        return answer | {"notes": self.notes} if self.notes else answer

    @property
    def status(self) -> str:
        """How it is, in a word or two."""
        if self.draining:
            return "draining"
        return "ready" if self.ready else "not ready"


class Readiness:
    """Runs checks side by side and remembers the report for a second. Thread-safe.

    A check raises if its dependency does not answer, and may return a note where it does. The
    loss of an `optional` dependency is shown, but leaves the process ready, and so does the loss of
    all but one of `either`. Names come from `metrics.DEPENDENCIES`. `notes` are shown as they are.
    """

    def __init__(
        self,
        checks: Mapping[str, Callable[[], str | None]],
        *,
        optional: Collection[str] = (),
        either: Collection[str] = (),
        notes: Mapping[str, Callable[[], str]] = MappingProxyType({}),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notes = notes
        self._probes = {name: _Probe(name, check) for name, check in checks.items()}
        self._optional = frozenset(optional) | frozenset(either)
        self._either = frozenset(either)
        self._clock = clock
        self._lock = threading.Lock()
        self._fresh_until = float("-inf")
        self._report = Health(ready=False, dependencies={})
        self._draining = False

    def drain(self) -> None:
        """Be ready no more, from the next question on; may be called by a signal's handler."""
        self._draining = True

    def __call__(self) -> Health:
        """Return a report at most a second old; takes little more than a second at worst."""
        with self._lock:
            if self._clock() >= self._fresh_until:
                self._report = self._ask()
                self._fresh_until = self._clock() + LIMIT
            report = self._report
        return replace(report, ready=False, draining=True) if self._draining else report

    def _ask(self) -> Health:
        deadline = time.monotonic() + LIMIT
        for probe in self._probes.values():
            probe.start()
        found = {name: probe.result(deadline) for name, probe in self._probes.items()}
        up = {name for name, dependency in found.items() if not dependency.away}
        ready = up | self._optional >= set(found) and (not self._either or bool(up & self._either))
        notes = {name: note() for name, note in self._notes.items()}
        return Health(ready, found, notes=notes)


class _Probe:
    """One dependency's check in a thread of its own; while one hangs no other is started."""

    def __init__(self, name: str, check: Callable[[], str | None]) -> None:
        self._name = name
        self._check = check
        self._up = metrics.dependency_up[name]
        self._seconds = metrics.dependency_seconds[name]
        self._thread: threading.Thread | None = None
        self._started = 0.0
        self._found: Dependency | None = None
        self._told = "up"

    def start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._started = time.monotonic()
            self._found = None
            self._thread = threading.Thread(
                target=self._run, name=f"check {self._name}", daemon=True
            )
            self._thread.start()

    def result(self, deadline: float) -> Dependency:
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
        found = self._found or Dependency("down", _milliseconds(self._started))
        self._up.set(not found.away)
        self._seconds.set(found.milliseconds / 1000)
        self._tell(found.state if found.away else "up")
        return found

    def _run(self) -> None:
        state, why = "down", ""
        try:
            state = self._check() or "up"
        except (Refused, Permanent) as refusal:
            state, why = "refused", str(refusal)
        except Exception:  # noqa: BLE001 - whatever a check raises, its dependency is down
            log.debug("a check failed", dependency=self._name)
        self._found = Dependency(state, _milliseconds(self._started), why)

    def _tell(self, state: str) -> None:
        if state != self._told:
            log.warning("dependency changed", dependency=self._name, state=state)
        self._told = state


def _milliseconds(since: float) -> float:
    return round((time.monotonic() - since) * 1000, 1)
