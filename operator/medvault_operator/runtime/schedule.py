"""Due times of vaults: each comes up once, however often it was asked for."""

from dataclasses import dataclass, field

from medvault_operator.vault.name import VaultName

FIRST = 1.0
LONGEST = 60.0


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row: 1, 2, 4 ... 60."""
    return min(LONGEST, FIRST * 2.0 ** min(max(failures - 1, 0), 10))


@dataclass
class Schedule:
    """Due times by vault; times are seconds of any clock that does not go back.

    A vault that is asked for during a look comes up again afterwards, so that no change is missed.
    Two looks at one vault begin `spacing` seconds apart at least.
    """

    spacing: float = 1.0
    _due: dict[VaultName, float] = field(default_factory=dict)
    _started: dict[VaultName, float] = field(default_factory=dict)
    _busy: set[VaultName] = field(default_factory=set)
    _failures: dict[VaultName, int] = field(default_factory=dict)

    def ask(self, vault: VaultName, now: float, after: float = 0.0) -> None:
        """Have a vault looked at in so many seconds, or sooner if that was said before."""
        earliest = self._started.get(vault, float("-inf")) + self.spacing
        due = max(now + after, earliest)
        self._due[vault] = min(due, self._due.get(vault, due))

    def take(self, now: float) -> VaultName | None:
        """Return the vault that is due for the longest time and nobody looks at."""
        due = [(at, vault) for vault, at in self._due.items() if at <= now and self._free(vault)]
        if not due:
            return None
        _, vault = min(due)
        del self._due[vault]
        self._busy.add(vault)
        self._started[vault] = now
        return vault

    def done(self, vault: VaultName) -> None:
        """Note that a vault was looked at with success."""
        self._busy.discard(vault)
        self._failures.pop(vault, None)

    def failed(self, vault: VaultName, now: float) -> float:
        """Note a failure, have it tried again, and return in how many seconds."""
        self._busy.discard(vault)
        self._failures[vault] = failures = self._failures.get(vault, 0) + 1
        self.ask(vault, now, backoff(failures))
        return backoff(failures)

    def gone(self, vault: VaultName) -> None:
        """Drop what is known of a vault that is gone, unless it was asked for meanwhile."""
        self._busy.discard(vault)
        self._started.pop(vault, None)
        self._failures.pop(vault, None)

    def next_due(self) -> float | None:
        """Return when a vault that nobody looks at is due, if any."""
        return min((at for vault, at in self._due.items() if self._free(vault)), default=None)

    def longest_busy(self, now: float) -> float:
        """Return for how many seconds the slowest look has lasted; 0 without one."""
        return max((now - self._started[vault] for vault in self._busy), default=0.0)

    def overdue(self, now: float) -> int:
        """Return how many vaults should be looked at now."""
        return sum(at <= now for at in self._due.values())

    def _free(self, vault: VaultName) -> bool:
        return vault not in self._busy
