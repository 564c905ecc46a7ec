"""A batch: the writes of a transaction over many conversations, collected first."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from medvault.application.effects.collector import Cause, Collector
from medvault.application.effects.files import Files
from medvault.application.effects.letters import Letters
from medvault.application.effects.links import Links
from medvault.application.effects.states import States
from medvault.application.effects.timers import Timers
from medvault.application.effects.trail import Trail
from medvault.application.effects.updates import Updates
from medvault.domain.audit import Action
from medvault.domain.conversation.effects import Effect, LockVault
from medvault.domain.conversation.state import Conversation, Lock
from medvault.domain.dead_letters import Failure, Reason
from medvault.domain.identifiers import LetterId, MediaId, PersonId
from medvault.domain.quotas import Pace, Wait, held_back
from medvault.domain.reports import Report
from medvault.domain.saying.messages import Plain
from medvault.domain.updates import PendingUpdate
from medvault.observability import metrics
from medvault.observability.identity_check import IDENTITY_CHECK
from medvault.ports import CachedSession
from medvault.ports.persistence import Claimed, UnitOfWork

log = structlog.get_logger(__name__)

_WORDED = frozenset(Letters.TAKES)


class Batch:
    """Hands each effect to its collectors, and writes all that these have gathered.

    `counted` says that the attempts of its updates are counted already, `paused` that a
    conversation goes on in the next transaction.
    """

    def __init__(self, new_id: Callable[[], UUID], *, counted: bool = False) -> None:
        self.paused = False
        self.letters, self.files, self.trail = Letters(new_id), Files(), Trail(new_id)
        self.states, self.links, self.timers = States(), Links(), Timers()
        self.updates = Updates(counted)
        self.keys: Counter[str] = Counter()
        self._wording: Collector = self.letters
        self._takers: dict[type, Collector] = {
            kind: one
            for one in (self.files, self.links, self.trail, self.states, self.timers)
            for kind in one.TAKES
        }

    def took(
        self,
        claimed: Claimed,
        state: Conversation,
        update: PendingUpdate,
        effects: Sequence[Effect],
        wamid: str | None,
    ) -> list[Report]:
        """Collect an update's effects; returns the reports that it puts on the shelf."""
        filed = self.caused(claimed, state, effects, wamid)
        if wamid is not None:
            self.letters.wrote(claimed.subject)
        self.updates.done.append(update.seq)
        return filed

    def caused(
        self,
        claimed: Claimed,
        state: Conversation,
        effects: Sequence[Effect],
        wamid: str | None = None,
    ) -> list[Report]:
        """Collect effects; returns the reports that they put on the shelf."""
        if state.contact is None:
            raise ValueError("nobody to answer")
        cause, before = Cause(claimed, state.contact, wamid), len(self.files.filings)
        self.letters.begin()
        # Words first: an effect that raises does so before anything else is gathered.
        for effect in effects:
            if type(effect) in _WORDED:
                self._wording.take(effect, cause)
        for effect in effects:
            if (collector := self._takers.get(type(effect))) is not None:
                collector.take(effect, cause)
        self.letters.close(cause)
        return self.files.filed_since(before)

    def lost_state(self, claimed: Claimed, attempts: int, failure: Failure, lock: Lock) -> None:
        """Give up a state; its vault is locked."""
        self.states.lost(claimed, attempts, failure, LockVault(lock.since, lock.doubt))
        self.trail.note(claimed, Action.IDENTITY_LOCKED)

    def held_back(
        self,
        claimed: Claimed,
        state: Conversation,
        update: PendingUpdate,
        wait: Wait,
        now: datetime,
    ) -> Conversation:
        """Have a patient's updates wait from this one on, and say so once."""
        pace, tell = held_back(state.pace or Pace(now), now)
        if tell and state.contact is not None:
            self.letters.say(claimed, state.contact, Plain.MESSAGES_WAIT)
        self.updates.waiting.append((update, wait))
        return state._replace(pace=pace)

    def foreign(self, claimed: Claimed, update: PendingUpdate) -> None:
        """Set aside an update that belongs to another conversation: somebody put it here."""
        metrics.foreign_updates.inc()
        log.error("an update of another conversation was set aside")
        self.trail.note(claimed, Action.MESSAGE_FOREIGN)
        self.updates.bury(update, Failure(Reason.FOREIGN))

    def write(self, work: UnitOfWork) -> Mapping[PersonId, CachedSession]:
        """Write everything; returns the sessions for the cache."""
        sessions = self.states.write(work)
        for collector in self.letters, self.files, self.links, self.trail, self.timers:
            collector.write(work)
        uploading = [one.patient_id for one in self.letters.uploads]
        work.accounts.line_up(self.files.patients + uploading)
        self.updates.write(work)
        return sessions

    def count(self) -> None:
        """Count what was written, once it is."""
        self.updates.count()
        self.states.count()
        self.trail.count()
        for outcome, number in self.keys.items():
            metrics.identity_keys[outcome].inc(number)
        IDENTITY_CHECK.note(self.keys["told"], self.keys["untold"])

    @property
    def media_to_wake(self) -> list[MediaId | LetterId]:
        """Files to fetch or to move, and documents to upload."""
        return [*self.files.to_wake, *(one.id for one in self.letters.uploads)]
