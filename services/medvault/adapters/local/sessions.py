"""The session cache of a single process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from typing_extensions import override

from medvault.domain.conversation.state import SESSION_LIFETIME
from medvault.domain.identifiers import PersonId
from medvault.ports import CachedSession, SessionCache


class MemorySessionCache(SessionCache):
    """Fulfils `SessionCache` in memory; holds the `size` sessions used last. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, size: int = 10_000) -> None:
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[PersonId, tuple[float, CachedSession]] = OrderedDict()

    @override
    def store(self, sessions: Mapping[PersonId, CachedSession]) -> None:
        now = self._clock()
        expires = now + SESSION_LIFETIME.total_seconds()
        with self._lock:
            for patient, session in sessions.items():
                held = self._alive(patient, now)
                if held is None or held.version <= session.version:
                    self._held[patient] = (expires, session)
                    self._held.move_to_end(patient)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    @override
    def fetch(self, patients: Sequence[PersonId]) -> Mapping[PersonId, CachedSession]:
        """Return those that are held and not older than `SESSION_LIFETIME`."""
        now = self._clock()
        found = {}
        with self._lock:
            for patient in patients:
                if session := self._alive(patient, now):
                    found[patient] = session
                    self._held.move_to_end(patient)
        return found

    def _alive(self, patient: PersonId, now: float) -> CachedSession | None:
        expires, session = self._held.get(patient, (now, None))
        if expires > now:
            return session
        self._held.pop(patient, None)
        return None
