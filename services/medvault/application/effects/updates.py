"""Updates: the outcome of each that was claimed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from medvault.domain.dead_letters import MAX_ATTEMPTS, DeadUpdate, Failure
from medvault.domain.quotas import Wait
from medvault.domain.updates import PendingUpdate
from medvault.observability import metrics
from medvault.ports.persistence import Claimed, UnitOfWork


@dataclass(slots=True)
class Updates:
    """Gathers outcomes; `counted` says that the attempts are counted already."""

    counted: bool = False
    done: list[int] = field(default_factory=list)
    retried: list[int] = field(default_factory=list)
    dead: list[DeadUpdate] = field(default_factory=list)
    waiting: list[tuple[PendingUpdate, Wait]] = field(default_factory=list)

    def attempts(self, update: PendingUpdate) -> int:
        """How often an update was tried, this time included."""
        return update.attempts if self.counted else update.attempts + 1

    @property
    def begun(self) -> bool:
        """Whether anything came of an update."""
        return bool(self.done or self.retried or self.dead)

    def untouched(self, claims: Sequence[Claimed]) -> set[int]:
        """The places of updates of which nothing came."""
        begun = {*self.done, *self.retried, *(one.seq for one in self.dead)}
        return {update.seq for claimed in claims for update in claimed.pending} - begun

    def failed(self, update: PendingUpdate, failure: Failure, of: int = MAX_ATTEMPTS) -> bool:
        """Count an update's failed try, its last one sets it aside; returns whether it was."""
        metrics.message_attempts_failed.inc()
        if self.attempts(update) < of:
            self.retried.append(update.seq)
            return False
        self.bury(update, failure)
        return True

    def bury(self, update: PendingUpdate, failure: Failure) -> None:
        """Set an update aside."""
        self.dead.append(DeadUpdate(update.seq, self.attempts(update), failure))

    def write(self, work: UnitOfWork) -> None:
        """Mark each with what became of it."""
        work.inbox.finish(self.done, "handled")
        work.inbox.retry_later(self.retried, counted=self.counted)
        work.inbox.put_off([(update.seq, wait.until) for update, wait in self.waiting])
        work.dead_letters.bury_updates(self.dead)

    def count(self) -> None:
        """Count what was written, once it is."""
        metrics.messages_handled["done"].inc(len(self.done))
        metrics.messages_handled["dead"].inc(len(self.dead))
        for _, wait in self.waiting:
            metrics.held_back[wait.reason].inc()
