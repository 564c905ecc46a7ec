"""Leading: the replica leads that holds the Lease and renewed it lately."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import ApiError, Conflict
from medvault_operator.kube.kinds import LEASE
from medvault_operator.runtime.lease import Lease

RENEW_WITHIN = 10.0
"""A leader without a renewal for so many seconds leads no more; others wait for 15."""
RETRY_EVERY = 2.0

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Candidate:
    """One replica's view of the Lease; `tick` is called by one thread, the rest by any.

    Whether a Lease has run out is told by how long it is unchanged by one's own monotonic clock,
    so clocks of machines need not agree. The API server lets one of two writers through.
    """

    def __init__(
        self,
        api: Api,
        lease: Lease,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._api = api
        self._wanted = lease
        self.identity = identity
        self._clock = clock
        self._now = now
        self._seen: Lease | None = None
        self._seen_at = 0.0
        self._renewed_at: float | None = None
        self._answered_at: float | None = None
        self.complaint = ""

    def tick(self) -> bool:
        """Take the Lease or renew it, as far as it is free; return whether one leads."""
        started = self._clock()
        try:
            if self._try(started):
                self._renewed_at = started
            self._answered_at = self._clock()
            self.complaint = ""
        except ApiError as error:
            if not self.complaint:
                log.warning("The Lease can't be read or written.", extra={"reason": error.reason})
            self.complaint = str(error)
        return self.leading()

    def leading(self) -> bool:
        """Tell whether the last renewal is recent enough to act on."""
        renewed = self._renewed_at
        return renewed is not None and self._clock() - renewed < RENEW_WITHIN

    def silent_for(self) -> float:
        """Return the seconds since the API server last answered; infinite if it never did."""
        answered = self._answered_at
        return float("inf") if answered is None else self._clock() - answered

    def release(self) -> None:
        """Give the Lease back, if it is held; from now on nobody may write here."""
        held, self._renewed_at = self._renewed_at is not None, None
        if not held or self._seen is None or self._seen.holder != self.identity:
            return
        try:
            self._api.replace(self._seen.released(self._now()).manifest())
        except ApiError as error:
            log.warning("The Lease could not be released.", extra={"reason": error.reason})

    def _try(self, started: float) -> bool:
        found = self._api.get(LEASE, self._wanted.namespace, self._wanted.name)
        if found is None:
            return self._write(self._api.create, self._wanted)
        lease = Lease.read(found)
        if self._seen is None or lease.version != self._seen.version:
            self._seen, self._seen_at = lease, started
        if lease.holder != self.identity:
            self._renewed_at = None
        if lease.holder not in ("", self.identity) and not self._ran_out(lease, started):
            return False
        return self._write(self._api.replace, lease)

    def _ran_out(self, lease: Lease, now: float) -> bool:
        return now - self._seen_at > lease.seconds

    def _write(self, write: Callable[..., dict[str, object]], lease: Lease) -> bool:
        try:
            written = write(lease.held_by(self.identity, self._now()).manifest())
        except Conflict:
            return False
        self._seen, self._seen_at = Lease.read(written), self._clock()
        return True


class Election(threading.Thread):
    """Ticks a candidate until it is told to stop, and says when leading begins and ends."""

    def __init__(
        self, candidate: Candidate, on_lead: Callable[[], None], on_loss: Callable[[], None]
    ) -> None:
        super().__init__(name="election", daemon=True)
        self._candidate = candidate
        self._on_lead = on_lead
        self._on_loss = on_loss
        self._stopped = threading.Event()

    def run(self) -> None:
        """Follow the Lease."""
        led = False
        while not self._stopped.is_set():
            leads = self._candidate.tick()
            if leads and not led:
                self._on_lead()
            if led and not leads:
                self._on_loss()
                return
            led = leads
            self._stopped.wait(RETRY_EVERY)

    def stop(self) -> None:
        """End without a word, and without the Lease."""
        self._stopped.set()
        self.join()
        self._candidate.release()
