"""Sessions: conversations are claimed, moved on by their updates, and saved in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from medvault.application.batch import Batch
from medvault.application.tries import Tries
from medvault.application.turn import Overrun, Turn
from medvault.application.updates import read
from medvault.domain.conversations import Conversation, Lock
from medvault.domain.dead_letters import MAX_OVERRUNS, MAX_TRIES, Failure, Reason
from medvault.domain.dialogue import needs_shelf
from medvault.domain.effects import Say, SendReport
from medvault.domain.errors import Permanent, Unavailable
from medvault.domain.events import Event
from medvault.domain.identity import Contact, Doubt
from medvault.domain.moment import Moment
from medvault.domain.quotas import Quotas, counted, may_be_crowded, message_waits, samples
from medvault.domain.recognition import hear
from medvault.domain.reports import Report
from medvault.domain.updates import STATUSES, PendingUpdate
from medvault.observability import metrics
from medvault.ports import BlindIndex, Clock, InboundReader, Queue, SessionCache, Waker
from medvault.ports.persistence import Claimed, Database, UnitOfWork
from medvault.ports.transactions import Transaction


class Readable(NamedTuple):
    """An update that could be read: for a message its sender and wamid, and whether it is theirs.

    Only where the conversation's state can't be opened nothing may follow from its not being so.
    """

    update: PendingUpdate
    event: Event
    sender: Contact | None
    wamid: str | None
    own: bool


MAX_CONVERSATIONS = 64
LANES = 2

log = structlog.get_logger(__name__)


class Sessions:
    """Handles what waits in the inbox, conversation by conversation."""

    def __init__(
        self,
        database: Database,
        reader: InboundReader,
        cache: SessionCache,
        waker: Waker,
        clock: Clock,
        index: BlindIndex,
        new_id: Callable[[], UUID],
        zone: ZoneInfo,
        support_contact: str | None = None,
        quotas: Quotas = Quotas(),
        new_turn: Callable[[], Turn] = Turn,
    ) -> None:
        self._database = database
        self._reader = reader
        self._cache = cache
        self._waker = waker
        self._clock = clock
        self._index = index
        self._new_id = new_id
        self._zone = zone
        self._support_contact = support_contact
        self._quotas = quotas
        self._new_turn = new_turn
        self._to_take_back: set[int] = set()
        # While the database works on one transaction, the next one is decided.
        self._lanes = ThreadPoolExecutor(LANES, "sessions")

    def converse(self, subjects: Sequence[UUID], *, suspected: bool = False) -> None:
        """Handle everything that waits for these conversations.

        One that another worker holds is left to it: the holder looks again after its commit.
        Where somebody may have died of one, tries are counted before they begin.
        """
        bring_forward = self._suspect if suspected else self._bring_forward
        waiting = [subject for subject in dict.fromkeys(subjects) if subject != STATUSES]
        if len(waiting) > MAX_CONVERSATIONS:
            # In a backlog most wake-ups are of conversations that an earlier one brought forward.
            pending = set(self._pending(waiting))
            waiting = [subject for subject in waiting if subject in pending]
        some = [
            waiting[at : at + MAX_CONVERSATIONS] for at in range(0, len(waiting), MAX_CONVERSATIONS)
        ]
        if len(some) == 1:
            bring_forward(some[0])
        else:
            together = [self._lanes.submit(bring_forward, one) for one in some]
            wait(together)
            for done in together:
                done.result()

    def _bring_forward(self, subjects: Sequence[UUID]) -> None:
        while subjects:
            subjects = self._together(subjects)

    def _suspect(self, subjects: Sequence[UUID]) -> None:
        """Handle conversations whose tries are counted first, in a transaction of their own."""
        while subjects:
            tries = self._count_tries(subjects)
            try:
                left = self._together(tries.now, tries.seqs) if tries.now else ()
                subjects = [*left, *self._pending(tries.ended)]
            except Unavailable:
                self._to_take_back |= tries.seqs
                raise
            for subject in tries.later:
                self._suspect([subject])

    def _count_tries(self, subjects: Sequence[UUID]) -> Tries:
        with self._database.begin(Transaction.COUNT_TRIES) as work:
            work.inbox.take_back_tries(self._to_take_back)
            tries = Tries.of(work.conversations.claim(subjects, self._new_id))
            work.inbox.count_tries(tries.seqs)
            work.dead_letters.bury_updates(tries.spent)
        self._to_take_back.clear()
        metrics.messages_handled["dead"].inc(len(tries.spent))
        return tries

    def _together(
        self, subjects: Sequence[UUID], counted: Collection[int] | None = None
    ) -> Sequence[UUID]:
        """Handle conversations in one transaction; if it fails, each in one of its own."""
        try:
            return self._handle(subjects, counted)
        except Unavailable:
            raise
        except Overrun as error:
            log.warning("batch failed", count=len(subjects), error=type(error).__name__)
            self._blame(subjects, counted, error)
            self._to_take_back |= set(counted or ()) - {error.seq}
            return self._pending(subjects)
        except Exception as error:  # noqa: BLE001 - found out one by one, whosever it is
            log.warning("batch failed", count=len(subjects), error=type(error).__name__)
            return [left for subject in subjects for left in self._alone(subject, counted)]

    def _alone(self, subject: UUID, counted: Collection[int] | None) -> Sequence[UUID]:
        """Handle a conversation's next update; what fails by itself is to blame."""
        try:
            return self._handle([subject], counted, at_most=1)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._blame([subject], counted, error)
            return ()

    def _blame(
        self, subjects: Sequence[UUID], counted: Collection[int] | None, error: Exception
    ) -> None:
        """Count a try of what a transaction failed of: one by its place, else whoever is next."""
        failure = Failure.of(error)
        with self._database.begin(Transaction.COUNT_ATTEMPT) as work:
            batch = Batch(self._new_id, counted is not None)
            for claimed in work.conversations.claim(subjects, self._new_id):
                wanted = _wanted(claimed, counted)
                if isinstance(error, Overrun):
                    for update in [one for one in wanted if one.seq == error.seq]:
                        batch.failed(update, failure, MAX_OVERRUNS)
                elif wanted:
                    batch.failed(wanted[0], failure)
            batch.write(work)
        batch.count()

    def _handle(
        self, subjects: Sequence[UUID], counted: Collection[int] | None, at_most: int | None = None
    ) -> Sequence[UUID]:
        turn = self._new_turn()
        try:
            with self._database.begin(Transaction.CONVERSE) as work:
                claims = work.conversations.claim(subjects, self._new_id)
                wanted = [replace(one, pending=_wanted(one, counted)[:at_most]) for one in claims]
                batch = self._decide(
                    work, [one for one in wanted if one.pending], turn, counted=bool(counted)
                )
                sessions = batch.write(work)
        except Unavailable:
            # The driver tells no SQLSTATE of a session that was ended, and the server says why in
            # its own language. A database that is really away is not there to count the try.
            if turn.culprit is None:
                raise
            raise Overrun(turn.culprit) from None
        batch.count()
        self._waker.wake(Queue.MEDIA, batch.media_to_wake)
        self._waker.wake(Queue.OUTBOUND, batch.recipients)
        self._cache.store(sessions)
        if counted and turn.over:
            self._to_take_back |= batch.untouched(wanted)
        if counted is None:
            self._suspect([one.subject for one in wanted if not one.pending])
        # What arrived while these were held, its worker left to us.
        return self._pending([one.subject for one in wanted if _goes_on(one, batch)])

    def _pending(self, subjects: Sequence[UUID]) -> Sequence[UUID]:
        """Return those that have updates to handle now."""
        if not subjects:
            return ()
        with self._database.begin(Transaction.LOOK_AGAIN) as work:
            return work.inbox.waiting(subjects)

    def _decide(
        self, work: UnitOfWork, claims: Sequence[Claimed], turn: Turn, *, counted: bool
    ) -> Batch:
        """Decide on the claimed conversations, before anything is written and while time is left.

        What it is not left for stays as it is, for the next transaction.
        """
        batch = Batch(self._new_id, counted)
        holders = work.reports.holders([one.patient_id for one in claims if not _contact(one)])
        read_claims = [
            (claimed, self._read(work, claimed, holders, batch, turn)) for claimed in claims
        ]
        lookers = [
            claimed.patient_id
            for claimed, updates in read_claims
            if any(turn.spend(one.update, needs_shelf, one.event) for one in updates)
        ]
        shelves = work.reports.shelf(lookers) if lookers else {}
        now = self._clock()
        today = now.astimezone(self._zone).date()
        moment = Moment(now, today, self._new_id, self._support_contact, self._zone)
        replies = self._open_replies(work, claims)
        for claimed, updates in read_claims:
            self._advance(
                _up_to_date(claimed, replies),
                updates,
                moment,
                list(shelves.get(claimed.patient_id, ())),
                batch,
                turn,
            )
        return batch

    def _open_replies(self, work: UnitOfWork, claims: Sequence[Claimed]) -> Mapping[UUID, int]:
        """Count the open replies of those for whom there may be too many."""
        crowded = [
            one.patient_id
            for one in claims
            if one.state and may_be_crowded(one.state.pace, self._quotas)
        ]
        most = self._quotas.open_replies
        return work.outbox.open_replies(crowded, most) if crowded else {}

    def _read(
        self,
        work: UnitOfWork,
        claimed: Claimed,
        holders: Collection[UUID],
        batch: Batch,
        turn: Turn,
    ) -> list[Readable]:
        """Read a conversation's updates up to the first that can't be; what is foreign goes."""
        updates: list[Readable] = []
        for update in claimed.pending:
            if turn.half_over:
                break
            try:
                if update.misplaced:
                    batch.foreign(claimed, update)
                    continue
                event, sender, wamid = turn.spend(update, read, self._reader, update)
                own = sender is None or self._is_own(work, claimed, sender, holders)
                if not own and claimed.state is not None:
                    batch.foreign(claimed, update)
                    continue
            except Exception as error:  # noqa: BLE001 - whatever a poisonous update raises is its own affair
                if not batch.failed(update, Failure.of(error, Reason.UNREADABLE)):
                    break
            else:
                updates.append(Readable(update, event, sender, wamid, own))
                if sender is not None:
                    batch.keys["told" if sender.proof else "untold"] += 1
        return updates

    def _is_own(
        self, work: UnitOfWork, claimed: Claimed, sender: Contact, holders: Collection[UUID]
    ) -> bool:
        """Whether a message comes from whom the vault belongs to, or did before a change.

        The lane alone proves it only for a vault that holds nothing: it may have been led there.
        """
        identity, owner = self._index(*sender.identity), claimed.subject
        if contact := _contact(claimed):
            owner = self._index(*contact.identity)
        if identity == owner and (contact or claimed.patient_id not in holders):
            return True
        return work.conversations.knows(claimed.patient_id, identity)

    def _advance(
        self,
        claimed: Claimed,
        updates: Sequence[Readable],
        moment: Moment,
        shelf: list[Report],
        batch: Batch,
        turn: Turn,
    ) -> None:
        state = claimed.state
        for update, event, sender, wamid, own in updates:
            if turn.over and batch.begun:
                break
            try:
                if state is None:
                    state = self._begun_anew(claimed, update, moment, batch, own=own)
                if wamid and (wait := message_waits(state.pace, self._quotas, moment.now)):
                    state = batch.held_back(claimed, state, update, wait, moment.now)
                    break
                state, effects = turn.spend(update, hear, state, sender, event, moment, shelf)
                if wamid and samples(update.seq):
                    replies = sum(isinstance(one, Say | SendReport) for one in effects)
                    pace = counted(state.pace, self._quotas, moment.now, replies)
                    state = replace(state, pace=pace)
                shelf += batch.took(claimed, state, update, effects, wamid)
            except Exception as error:  # noqa: BLE001 - as above; its neighbours go on
                if not batch.failed(update, _failure(error)):
                    break
        if state is not None:
            batch.moved(claimed, state)

    def _begun_anew(
        self,
        claimed: Claimed,
        update: PendingUpdate,
        moment: Moment,
        batch: Batch,
        *,
        own: bool,
    ) -> Conversation:
        """Give up a state that nobody could open, so that its patient is answered again.

        With it went the key that they were known by: the vault is locked. The turns go on from the
        time in seconds, which no count has reached: no button of before fits a question again.
        """
        tries = batch.tries(update)
        if tries < MAX_TRIES:
            raise StateUnreadable
        if not own:
            raise Stranger
        lock = Lock(moment.now, Doubt.UNTOLD)
        batch.lost_state(claimed, tries, _failure(StateUnreadable()), lock)
        return Conversation(lock=lock, turn=int(moment.now.timestamp()))


class Stranger(Permanent):
    """A message begins a conversation anew that is not its sender's."""


class StateUnreadable(Permanent):
    """A conversation's state can't be opened."""


def _failure(error: Exception) -> Failure:
    unreadable = isinstance(error, StateUnreadable)
    return Failure.of(error, Reason.STATE_UNREADABLE if unreadable else Reason.RAISED)


def _contact(claimed: Claimed) -> Contact | None:
    """Return who a conversation is known to be with; nobody if it is new or can't be opened."""
    return claimed.state.contact if claimed.state else None


def _wanted(claimed: Claimed, counted: Collection[int] | None) -> Sequence[PendingUpdate]:
    """Return the updates to handle: those whose tries are counted, or those never tried before."""
    if counted is None:
        return list(takewhile(lambda update: not update.attempts, claimed.pending))
    return list(takewhile(lambda update: update.seq in counted, claimed.pending))


def _up_to_date(claimed: Claimed, replies: Mapping[UUID, int]) -> Claimed:
    """Put the number of open replies, where it was looked up, in the place of the estimate."""
    state = claimed.state
    if state is None or state.pace is None or claimed.patient_id not in replies:
        return claimed
    pace = replace(state.pace, replies=replies[claimed.patient_id])
    return replace(claimed, state=replace(state, pace=pace))


def _goes_on(claimed: Claimed, batch: Batch) -> bool:
    """Whether a conversation can go on at once: behind an update that waits, all others wait."""
    handled = {update.seq for update in claimed.pending}
    return bool(handled) and handled.isdisjoint(batch.retried)
