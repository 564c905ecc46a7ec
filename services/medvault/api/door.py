"""The connections that may stay: nobody waits, holds memory or keeps others out for long."""

import resource
from dataclasses import dataclass
from typing import Protocol

CONNECTIONS = 1000
"""How many may be open at once, where the process may have so many files."""
RESERVED = 100
"""Files that stay free for databases, broker, probes, and those that come in one burst."""
WITHIN = 10.0
"""Seconds from accept, or from a request's first byte on an older connection, to its last one."""
HELD = 24 * 1024 * 1024
"""Bytes of bodies in memory; while one is put together it is there twice."""


class Guest(Protocol):
    """A connection, as far as the door has to know it."""

    @property
    def since(self) -> float | None:
        """When the request began that has not arrived whole; None while nothing is awaited."""
        ...

    @property
    def held(self) -> int:
        """Bytes of its bodies in memory."""
        ...

    @property
    def busy(self) -> bool:
        """Whether a request that has arrived whole is being answered."""
        ...

    def refuse(self, status: int) -> None:
        """Answer with this status, if that may be understood, and close."""
        ...

    def leave_slowly(self) -> None:
        """Cut the connection if it was closed a look ago and the other side still holds it."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections, seconds for a request and bytes of bodies; see the constants."""

    connections: int = CONNECTIONS
    within: float = WITHIN
    held: int = HELD


class Door:
    """Keeps the guests' number, patience and memory bounded; for one event loop.

    Where there is no room, the oldest guest goes that is not being answered, not the newest: else
    guests that only sit there would keep everybody out. A guest that has sent a signed webhook is
    known, and goes last.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._strangers: dict[Guest, None] = {}
        self._known: dict[Guest, None] = {}
        self.held = 0

    def enter(self, guest: Guest) -> None:
        """Take a connection in, for which another may have to go."""
        self._strangers[guest] = None
        if len(self._strangers) + len(self._known) > self._limits.connections:
            self._part_with(self._oldest() or guest, 503)

    def leave(self, guest: Guest) -> None:
        """Forget a connection that is closed."""
        self._strangers.pop(guest, None)
        self._known.pop(guest, None)

    def know(self, guest: Guest) -> None:
        """Remember that a signed webhook came this way."""
        if guest in self._strangers:
            del self._strangers[guest]
            self._known[guest] = None

    def hold(self, guest: Guest, size: int) -> None:
        """Count bytes of a body, for which another one may have to go."""
        self.held += size
        while self.held > self._limits.held:
            goes = self._oldest(holding=True) or guest
            self._part_with(goes, 503)
            if goes is guest:
                return

    def release(self, size: int) -> None:
        """Count bytes that are in memory no more."""
        self.held -= size

    def look(self, now: float) -> None:
        """Send away all whose request has not arrived in time; to be called every second."""
        for guests in (self._strangers, self._known):
            for guest in list(guests):
                if guest.since is not None and now - guest.since > self._limits.within:
                    guest.refuse(408)
                guest.leave_slowly()

    def _oldest(self, *, holding: bool = False) -> Guest | None:
        for guests in (self._strangers, self._known):
            for guest in guests:
                if not guest.busy and (guest.held or not holding):
                    return guest
        return None

    def _part_with(self, guest: Guest, status: int) -> None:
        self.leave(guest)
        guest.refuse(status)


def limits() -> Limits:
    """Return the limits of this process, which may be allowed few files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = CONNECTIONS if files == resource.RLIM_INFINITY else files - RESERVED
    return Limits(connections=max(8, min(CONNECTIONS, room)))
