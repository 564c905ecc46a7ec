"""What a transaction over many conversations will write; collected first, written set-based."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import structlog

from medvault.domain.audit import Action, Entry
from medvault.domain.conversation.effects import (
    CheckAgain,
    Discard,
    DiscardBacklog,
    Effect,
    Fetch,
    FileReport,
    Link,
    Lock,
    Record,
    Say,
    SendReport,
    ShowTyping,
    Unlock,
)
from medvault.domain.conversation.state import Backlog, Conversation
from medvault.domain.conversation.state import Lock as Locked
from medvault.domain.dead_letters import MAX_TRIES, DeadUpdate, Failure, Reason
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.domain.outbound import Content, Document, Typing
from medvault.domain.quotas import Pace, Wait, held_back
from medvault.domain.replies import Reply
from medvault.domain.reports import Report
from medvault.domain.saying.messages import Plain
from medvault.domain.saying.rendering import document, render
from medvault.domain.updates import PendingUpdate
from medvault.observability import metrics
from medvault.observability.identity_check import IDENTITY_CHECK
from medvault.ports import CachedSession
from medvault.ports.outbox import Letter
from medvault.ports.persistence import Claimed, UnitOfWork
from medvault.ports.vault import Filing

log = structlog.get_logger(__name__)

_ASKED = {Action.REPORT_REQUESTED: "found", Action.REPORT_REFUSED: "refused"}


@dataclass(slots=True)
class Batch:
    """Effects of many conversations, in the form that the repositories take.

    `counted` says that the tries of its updates are counted already, `paused` that a conversation
    goes on in the next transaction.
    """

    new_id: Callable[[], UUID]
    counted: bool = False
    paused: bool = False
    states: list[tuple[Claimed, Conversation]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    retried: list[int] = field(default_factory=list)
    dead: list[DeadUpdate] = field(default_factory=list)
    waiting: list[tuple[PendingUpdate, Wait]] = field(default_factory=list)
    lost_states: list[tuple[UUID, int, Failure]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    fetches: list[tuple[UUID, UUID, Attachment]] = field(default_factory=list)
    rechecks: list[tuple[UUID, UUID]] = field(default_factory=list)
    discards: list[UUID] = field(default_factory=list)
    backlogs: list[tuple[UUID, Backlog]] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    links: list[tuple[Claimed, Contact]] = field(default_factory=list)
    locks: dict[UUID, Lock | None] = field(default_factory=dict)
    writers: list[UUID] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)

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
            self.writers.append(claimed.subject)
        self.done.append(update.seq)
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
        filed: list[Report] = []
        letters: list[Content] = []
        for effect in effects:
            match effect:
                case Say(message):
                    _say(letters, render(message))
                case ShowTyping():
                    letters += [Typing(wamid)] if wamid else []
                case FileReport(report, _, told):
                    self._write_to(claimed, state.contact, [render(told)], held_for=report.id)
                    filed.append(report)
                case SendReport(report):
                    letters.append(document(report))
            self._keep(claimed, effect, claimed.subject if wamid is not None else None)
        if letters:
            self._write_to(claimed, state.contact, letters)
        return filed

    def _keep(self, claimed: Claimed, effect: Effect, asked: UUID | None) -> None:
        match effect:
            case Record(action, report_id):
                id, patient_id = self.new_id(), claimed.patient_id
                self.entries.append(Entry(id, patient_id, action, report_id, identity=asked))
            case Fetch(media_id, attachment):
                self.fetches.append((media_id, claimed.patient_id, attachment))
            case CheckAgain(media_id):
                self.rechecks.append((media_id, claimed.patient_id))
            case Discard(media_id):
                self.discards.append(media_id)
            case DiscardBacklog(backlog):
                self.backlogs.append((claimed.patient_id, backlog))
            case FileReport(report, media_id):
                self.filings.append(Filing(claimed.patient_id, report, media_id))
            case Link(contact):
                self.links.append((claimed, contact))
            case Lock() | Unlock():
                self._lock(claimed.patient_id, effect)

    def lost_state(self, claimed: Claimed, tries: int, failure: Failure, lock: Locked) -> None:
        """Give up a state; its vault is locked."""
        self.lost_states.append((claimed.patient_id, tries, failure))
        self.locks[claimed.patient_id] = Lock(lock.since, lock.doubt)
        self.entries.append(Entry(self.new_id(), claimed.patient_id, Action.IDENTITY_LOCKED))

    def _lock(self, patient_id: UUID, effect: Lock | Unlock) -> None:
        """Lock or unlock; what was answered before, in this transaction, has not left yet."""
        self.locks[patient_id] = effect if isinstance(effect, Lock) else None
        if isinstance(effect, Lock):
            self.letters = [one for one in self.letters if one.patient_id != patient_id]

    def _write_to(
        self,
        claimed: Claimed,
        to: Contact,
        letters: Sequence[Content],
        held_for: UUID | None = None,
    ) -> None:
        self.letters += [
            Letter(self.new_id(), claimed.patient_id, claimed.subject, to, content, held_for)
            for content in letters
        ]

    def moved(self, claimed: Claimed, state: Conversation) -> None:
        """Collect a conversation's new state, if it is one."""
        if state is not claimed.state and state != claimed.state:
            self.states.append((claimed, state))

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
            self._write_to(claimed, state.contact, [render(Plain.MESSAGES_WAIT)])
        self.waiting.append((update, wait))
        return replace(state, pace=pace)

    def tries(self, update: PendingUpdate) -> int:
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

    def failed(self, update: PendingUpdate, failure: Failure, of: int = MAX_TRIES) -> bool:
        """Count an update's failed try, its last one sets it aside; returns whether it was."""
        metrics.message_attempts_failed.inc()
        tries = self.tries(update)
        if tries < of:
            self.retried.append(update.seq)
            return False
        self.dead.append(DeadUpdate(update.seq, tries, failure))
        return True

    def foreign(self, claimed: Claimed, update: PendingUpdate) -> None:
        """Set aside an update that belongs to another conversation: somebody put it here."""
        metrics.foreign_updates.inc()
        log.error("an update of another conversation was set aside")
        self.entries.append(Entry(self.new_id(), claimed.patient_id, Action.MESSAGE_FOREIGN))
        self.dead.append(DeadUpdate(update.seq, self.tries(update), Failure(Reason.FOREIGN)))

    def write(self, work: UnitOfWork) -> Mapping[UUID, CachedSession]:
        """Write everything; returns the sessions for the cache."""
        for patient_id, tries, failure in self.lost_states:
            work.dead_letters.bury_state(patient_id, tries, failure)
        sessions = work.conversations.save(self.states)
        if self.locks:
            work.conversations.lock(
                {id: lock.since if lock else None for id, lock in self.locks.items()}
            )
        work.outbox.unpark(self.writers)
        work.outbox.add(self.letters)
        work.media.add(self.fetches)
        work.media.check_again([media_id for media_id, _ in self.rechecks])
        work.media.discard(self.discards)
        for patient_id, backlog in self.backlogs:
            work.media.discard_backlog(patient_id, backlog)
        work.reports.add(self.filings)
        work.media.file([(filing.media_id, filing.report.id) for filing in self.filings])
        for claimed, contact in self.links:
            work.conversations.link(claimed, contact)
        work.audit.append(self.entries)
        work.accounts.line_up(self._in_line)
        work.inbox.finish(self.done, "handled")
        work.inbox.count_attempt(self.retried, counted=self.counted)
        work.inbox.put_off([(update.seq, wait.until) for update, wait in self.waiting])
        work.dead_letters.bury_updates(self.dead)
        return sessions

    def count(self) -> None:
        """Count what was written, once it is."""
        metrics.messages_handled["done"].inc(len(self.done))
        metrics.messages_handled["dead"].inc(len(self.dead))
        for outcome, number in self.keys.items():
            metrics.identity_keys[outcome].inc(number)
        IDENTITY_CHECK.note(self.keys["told"], self.keys["untold"])
        for patient_id, lock in self.locks.items():
            if lock is not None:
                metrics.vaults_locked[lock.doubt].inc()
                log.warning("vault locked", patient_id=patient_id, reason=lock.doubt.value)
            else:
                metrics.vaults_unlocked.inc()
                log.info("vault unlocked", patient_id=patient_id)
        for _, wait in self.waiting:
            metrics.held_back[wait.reason].inc()
        for entry in self.entries:
            if entry.action is Action.IDENTITY_NEW:
                metrics.vaults_left_behind.inc()
                log.warning("vault left behind", patient_id=entry.patient_id)
            if entry.action in _ASKED:
                metrics.report_requests[_ASKED[entry.action]].inc()

    @property
    def _in_line(self) -> list[UUID]:
        """Patients with a file or a document to work on."""
        files = [patient_id for _, patient_id, _ in self.fetches]
        files += [patient_id for _, patient_id in self.rechecks]
        filings = [filing.patient_id for filing in self.filings]
        uploads = [one.patient_id for one in self.letters if isinstance(one.content, Document)]
        return files + filings + uploads

    @property
    def media_to_wake(self) -> list[UUID]:
        """Files to fetch or to move, and documents to upload."""
        uploads = [one.id for one in self.letters if isinstance(one.content, Document)]
        fetched = [media_id for media_id, _, _ in self.fetches]
        fetched += [media_id for media_id, _ in self.rechecks]
        return fetched + [filing.media_id for filing in self.filings] + uploads

    @property
    def recipients(self) -> list[UUID]:
        """Subjects with something to be sent to."""
        ready = [
            one.subject
            for one in self.letters
            if not one.held_for and not isinstance(one.content, Document)
        ]
        return list(dict.fromkeys(ready))


def _say(letters: list[Content], reply: Reply) -> None:
    """Add a reply, merged with the one before where both fit into one message."""
    last = letters[-1] if letters else None
    merged = reply.after(last) if isinstance(last, Reply) else None
    if merged is None:
        letters.append(reply)
    else:
        letters[-1] = merged
