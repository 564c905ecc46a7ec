"""Sessions: conversations are claimed, moved on by their updates, and saved in one transaction."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import cache, partial
from itertools import takewhile
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from medvault.application.attempts import Attempts
from medvault.application.effects.batch import Batch
from medvault.application.open_replies import open_replies, up_to_date
from medvault.application.reading import Readable, Reading, contact
from medvault.application.tally import Tally
from medvault.application.time_budget import Overrun, TimeBudget
from medvault.domain.conversation import backlog
from medvault.domain.conversation.effects import Effect, Say, SendReport
from medvault.domain.conversation.facts import Fact, Facts, wants
from medvault.domain.conversation.moment import Moment
from medvault.domain.conversation.recognition import hear
from medvault.domain.conversation.state import Conversation, Lock
from medvault.domain.conversation.tasks import receiving
from medvault.domain.dead_letters import MAX_ATTEMPTS, MAX_OVERRUNS, Failure, Reason
from medvault.domain.errors import Permanent, Unavailable
from medvault.domain.identifiers import LaneId, PersonId
from medvault.domain.identity import Doubt
from medvault.domain.quotas import Held, Quotas, counted, message_waits
from medvault.domain.understanding.date_forms import Order
from medvault.domain.updates import STATUSES, PendingUpdate
from medvault.observability import metrics
from medvault.ports import BlindIndex, Clock, InboundReader, Queue, SessionCache, Waker, Zones
from medvault.ports.persistence import Claimed, Database, UnitOfWork
from medvault.ports.transactions import Transaction

MAX_CONVERSATIONS = 64
LANES = 2
_REPLIES = (Say, SendReport)

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
        zones: Zones,
        support_contact: str | None = None,
        quotas: Quotas = Quotas(),
        new_budget: Callable[[], TimeBudget] = TimeBudget,
        order: Order = Order.DAY_FIRST,
    ) -> None:
        self._database = database
        self._reading = Reading(reader, index)
        self._cache = cache
        self._waker = waker
        self._clock = clock
        self._new_id = new_id
        self._zone = zone
        self._zones = zones
        self._support_contact = support_contact
        self._quotas = quotas
        self._new_budget = new_budget
        self._tally = Tally()
        self._order = order
        self._to_take_back: set[int] = set()
        # While the database works on one transaction, the next one is decided.
        self._lanes = ThreadPoolExecutor(LANES, "sessions")

    def converse(self, subjects: Sequence[LaneId], *, suspected: bool = False) -> None:
        """Handle everything that waits for these conversations.

        One that another worker holds is left to it: the holder looks again after its commit.
        Where somebody may have died of one, attempts are counted before they begin.
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

    def _bring_forward(self, subjects: Sequence[LaneId]) -> None:
        while subjects:
            subjects = self._together(subjects)

    def _suspect(self, subjects: Sequence[LaneId]) -> None:
        """Handle conversations whose attempts are counted first, in a transaction of their own."""
        while subjects:
            attempts = self._count_attempts(subjects)
            try:
                left = self._together(attempts.now, attempts.seqs) if attempts.now else ()
                subjects = [*left, *self._pending(attempts.ended)]
            except Unavailable:
                self._to_take_back |= attempts.seqs
                raise
            for subject in attempts.later:
                self._suspect([subject])

    def _count_attempts(self, subjects: Sequence[LaneId]) -> Attempts:
        with self._database.begin(Transaction.COUNT_ATTEMPTS) as work:
            work.inbox.refund_attempts(self._to_take_back)
            attempts = Attempts.of(work.conversations.claim(subjects, self._new_id))
            work.inbox.count_attempts(attempts.seqs)
            work.dead_letters.bury_updates(attempts.spent)
        self._to_take_back.clear()
        metrics.messages_handled["dead"].inc(len(attempts.spent))
        return attempts

    def _together(
        self, subjects: Sequence[LaneId], counted: Collection[int] | None = None
    ) -> Sequence[LaneId]:
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

    def _alone(self, subject: LaneId, counted: Collection[int] | None) -> Sequence[LaneId]:
        """Handle a conversation's next update; one that fails by itself is to blame."""
        try:
            return self._handle([subject], counted, at_most=1)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._blame([subject], counted, error)
            return ()

    def _blame(
        self, subjects: Sequence[LaneId], counted: Collection[int] | None, error: Exception
    ) -> None:
        """Count a try of what a transaction failed of: one by its place, else whoever is next."""
        failure = Failure.of(error)
        with self._database.begin(Transaction.RETRY_LATER) as work:
            batch = Batch(self._new_id, counted=counted is not None)
            for claimed in work.conversations.claim(subjects, self._new_id):
                wanted = _wanted(claimed, counted)
                if isinstance(error, Overrun):
                    for update in [one for one in wanted if one.seq == error.seq]:
                        batch.updates.failed(update, failure, MAX_OVERRUNS)
                elif wanted:
                    batch.updates.failed(wanted[0], failure)
            batch.write(work)
        batch.count()

    def _handle(
        self,
        subjects: Sequence[LaneId],
        counted: Collection[int] | None,
        at_most: int | None = None,
    ) -> Sequence[LaneId]:
        budget = self._new_budget()
        try:
            with self._database.begin(Transaction.CONVERSE) as work:
                claims = work.conversations.claim(subjects, self._new_id)
                wanted = [replace(one, pending=_wanted(one, counted)[:at_most]) for one in claims]
                batch = self._decide(
                    work, [one for one in wanted if one.pending], budget, counted=bool(counted)
                )
                sessions = batch.write(work)
        except Unavailable:
            # The driver tells no SQLSTATE of a session that was ended, and the server says why in
            # its own language. A database that is really away is not there to count the try.
            if budget.culprit is None:
                raise
            raise Overrun(budget.culprit) from None
        batch.count()
        self._waker.wake(Queue.MEDIA, batch.media_to_wake)
        self._waker.wake(Queue.OUTBOUND, batch.letters.recipients)
        self._cache.store(sessions)
        if counted and (budget.over or batch.paused):
            self._to_take_back |= batch.updates.untouched(wanted)
        if counted is None:
            self._suspect([one.subject for one in wanted if not one.pending])
        # The worker of an update that arrived while these were held left it to us.
        return self._pending([one.subject for one in wanted if _goes_on(one, batch)])

    def _pending(self, subjects: Sequence[LaneId]) -> Sequence[LaneId]:
        """Return those that have updates to handle now."""
        if not subjects:
            return ()
        with self._database.begin(Transaction.LOOK_AGAIN) as work:
            return work.inbox.waiting(subjects)

    def _decide(
        self, work: UnitOfWork, claims: Sequence[Claimed], budget: TimeBudget, *, counted: bool
    ) -> Batch:
        """Decide on the claimed conversations, before anything is written and while time is left.

        A conversation that no time is left for stays as it is, for the next transaction.
        """
        batch = Batch(self._new_id, counted=counted)
        holders = work.reports.holders([one.patient_id for one in claims if not contact(one)])
        read_claims = [
            (claimed, self._reading.of(work, claimed, holders, batch, budget)) for claimed in claims
        ]
        lookers = [
            claimed.patient_id
            for claimed, updates in read_claims
            if Fact.SHELF in _wanted_facts(claimed, updates, budget)
        ]
        shelves = work.reports.shelf(lookers) if lookers else {}
        now = self._clock()
        today = now.astimezone(self._zone).date()
        moment = Moment(
            now, today, self._new_id, self._support_contact, self._zone, order=self._order
        )
        replies = open_replies(work, claims, self._quotas)
        left_behind = self._reading.left_behind(work, read_claims)
        among = cache(moment.among)
        for claimed, updates in read_claims:
            self._advance(
                work,
                up_to_date(claimed, replies),
                updates,
                among(self._zones_of(claimed, updates)),
                Facts(shelves.get(claimed.patient_id, ())),
                left_behind,
                batch,
                budget,
            )
        return batch

    def _zones_of(self, claimed: Claimed, updates: Sequence[Readable]) -> tuple[tzinfo, ...]:
        """Return the zones of the country where a patient lives; none where nobody knows."""
        senders = (one.sender for one in updates if one.sender is not None)
        patient = contact(claimed) or next(senders, None)
        return self._zones(patient) if patient else ()

    def _advance(
        self,
        work: UnitOfWork,
        claimed: Claimed,
        updates: Sequence[Readable],
        moment: Moment,
        facts: Facts,
        left_behind: Collection[int],
        batch: Batch,
        budget: TimeBudget,
    ) -> None:
        state, begun = claimed.state, False
        for update, event, sender, wamid, own in updates:
            if budget.over and batch.updates.begun:
                break
            try:
                state = state or self._begun_anew(claimed, update, moment, batch, own=own)
                if state is None:
                    continue
                if wamid is not None and (
                    wait := message_waits(state.pace, self._quotas, moment.now)
                ):
                    if begun and wait.reason is Held.REPLIES:
                        # An estimate; the next transaction counts them.
                        batch.paused = True
                        break
                    state = batch.held_back(claimed, state, update, wait, moment.now)
                    break
                hear_it = partial(hear, left_behind=update.seq in left_behind)
                after, effects = budget.spend(update, hear_it, state, sender, event, moment, facts)
                if wamid is not None:
                    after = self._paced(claimed.patient_id, after, effects, moment.now)
                filed = budget.spend(update, batch.took, claimed, after, update, effects, wamid)
                state, facts = after, Facts([*facts.shelf, *filed]) if filed else facts
                begun = True
            except Exception as error:  # noqa: BLE001 - as above; its neighbours go on
                if not batch.updates.failed(update, _failure(error)):
                    break
        if state is not None:
            batch.states.moved(claimed, _refilled(work, claimed, state, moment, batch))

    def _paced(
        self, patient_id: PersonId, state: Conversation, effects: Sequence[Effect], now: datetime
    ) -> Conversation:
        """Count a message and its replies; the state is told now and then."""
        replies = sum(isinstance(one, _REPLIES) for one in effects)
        count = self._tally.add(patient_id, replies)
        if count is None:
            return state
        return state._replace(pace=counted(state.pace, self._quotas, now, *count))

    def _begun_anew(
        self,
        claimed: Claimed,
        update: PendingUpdate,
        moment: Moment,
        batch: Batch,
        *,
        own: bool,
    ) -> Conversation | None:
        """Give up a state that nobody could open, so that its patient is answered again.

        With it went the key that they were known by: the vault is locked. The turns go on from the
        time in seconds, which no count has reached: no button of before fits a question again.
        Nothing follows from what is not its patient's, and it goes as from any conversation.
        """
        attempts = batch.updates.attempts(update)
        if attempts < MAX_ATTEMPTS:
            raise StateUnreadable
        if not own:
            batch.foreign(claimed, update)
            return None
        lock = Lock(moment.now, Doubt.UNTOLD)
        batch.lost_state(claimed, attempts, _failure(StateUnreadable()), lock)
        return Conversation(lock=lock, turn=int(moment.now.timestamp()))


class StateUnreadable(Permanent):
    """A conversation's state can't be opened."""


def _failure(error: Exception) -> Failure:
    unreadable = isinstance(error, StateUnreadable)
    return Failure.of(error, Reason.STATE_UNREADABLE if unreadable else Reason.RAISED)


def _wanted(claimed: Claimed, counted: Collection[int] | None) -> Sequence[PendingUpdate]:
    """Return the updates to handle: those whose attempts are counted, or those never tried."""
    if counted is None:
        return list(takewhile(lambda update: not update.attempts, claimed.pending))
    return list(takewhile(lambda update: update.seq in counted, claimed.pending))


def _wanted_facts(claimed: Claimed, updates: Sequence[Readable], budget: TimeBudget) -> set[Fact]:
    """Return what the steps of a conversation have to know."""
    state = claimed.state or Conversation()
    return {fact for one in updates for fact in budget.spend(one.update, wants, state, one.event)}


def _refilled(
    work: UnitOfWork, claimed: Claimed, state: Conversation, moment: Moment, batch: Batch
) -> Conversation:
    """Take up files of the backlog where there is room; those of this transaction in the next."""
    if state.filing.backlog is None or not backlog.is_due(state):
        return state
    files = work.media.backlog(claimed.patient_id, state.filing.backlog, backlog.AT_ONCE)
    if not files and batch.files.fetches_of(claimed.patient_id):
        return state
    state, effects = receiving.take_up(state, files, moment)
    batch.caused(claimed, state, effects)
    return state


def _goes_on(claimed: Claimed, batch: Batch) -> bool:
    """Whether a conversation can go on at once: behind an update that waits, all others wait."""
    handled = {update.seq for update in claimed.pending}
    return bool(handled) and handled.isdisjoint(batch.updates.retried)
