"""Isolation: a file that may have killed the process that worked on it is worked on alone.

Many files are in hand at once. When a process dies, each of them may have been the reason; tried
side by side again, innocent ones would lose try after try to the one that kills. The same goes for
a file that ran out of time: maybe its neighbours kept the machine busy.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import assert_never
from uuid import UUID

from medvault.application.shared_lock import SharedLock
from medvault.domain.identifiers import LaneId, LetterId, MediaId
from medvault.domain.media import Verdict
from medvault.domain.quotas import Quotas
from medvault.domain.updates import UpdateKind
from medvault.observability import metrics, spending
from medvault.ports import Queue, Waker
from medvault.ports.accounts import DocumentJob, FileJob, Turn
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction

_LOOKS = 64
"""How many patients may turn out to have nothing that may be done, before a wake-up is given up."""


class Isolation:
    """Takes the steps of files and documents, `at_once` of them, patient by patient in turn.

    A wake-up is a reason to take a turn; the database says whose it is. The last thread that is
    free is kept for patients of whom nothing is in hand: the files of others may take long. The
    files of one patient that are in hand besides the first leave the CPU to others, and so do all
    files of a patient whose files took much of it lately. A file that is worked on alone does not:
    it may have run out of time for want of CPU.
    """

    def __init__(
        self,
        database: Database,
        files: Callable[[MediaId], bool],
        documents: Callable[[LetterId], bool],
        at_once: int,
        waker: Waker,
        quotas: Quotas,
    ) -> None:
        self._database = database
        self._files = files
        self._documents = documents
        self._company = SharedLock()
        self._at_once = at_once
        self._waker = waker
        self._quotas = quotas
        self._changed = threading.Condition()
        self._turns = threading.Lock()
        self._in_hand = 0
        self._passed_over: deque[UUID] = deque(maxlen=1000)

    def process(self, wake_up: UUID) -> bool:
        """Take a turn and the next step of its job; False where there is none."""
        last, done = self._begin(), None
        try:
            done = self._process(only_idle=last)
            if done is None and last:
                self._passed_over.append(wake_up)
            return bool(done)
        finally:
            self._end(passed_over=last and done is None)

    def idle(self) -> bool:
        """Whether one more could be worked on now, so that none waits in line for it."""
        with self._changed:
            return self._in_hand < self._at_once

    def _begin(self) -> bool:
        """Wait for a place; returns whether it is the last one of several."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_hand < self._at_once)
            self._in_hand += 1
            return self._in_hand == self._at_once > 1

    def _end(self, *, passed_over: bool) -> None:
        """Leave the place to a wake-up that was passed over for want of one."""
        with self._changed:
            self._in_hand -= 1
            alone = not self._in_hand
            self._changed.notify()
        if self._passed_over and (alone or not passed_over):
            self._waker.wake(Queue.MEDIA, [self._passed_over.popleft()])

    def _process(self, *, only_idle: bool) -> bool | None:
        """Take a turn and a step; None where it is nobody's turn."""
        with self._company.shared():
            turn = self._take_turn(only_idle=only_idle)
            if turn is None:
                return None
            if not turn.suspected:
                return self._step(turn)
        with self._company.alone():
            return self._step(turn)

    def _take_turn(self, *, only_idle: bool) -> Turn | None:
        # Side by side, threads would only find each other's accounts held.
        with self._turns:
            return self._looked_for(only_idle=only_idle)

    def _looked_for(self, *, only_idle: bool) -> Turn | None:
        for _ in range(_LOOKS):
            with self._database.begin(Transaction.TAKE_TURN) as work:
                turn = work.accounts.turn(self._quotas, only_idle=only_idle)
                told = self._tell(work, turn) if turn and turn.tell else []
            if turn and turn.wait:
                metrics.held_back[turn.wait.reason].inc()
            self._waker.wake(Queue.INBOUND, told)
            if turn is None or turn.job is not None:
                return turn
        return None

    def _tell(self, work: UnitOfWork, turn: Turn) -> list[LaneId]:
        """Have the patient told that files wait; the release before says that a check waits."""
        if turn.patient_id is None or turn.wait is None:
            return []
        content = {
            "media_id": str(turn.waiting),
            "verdict": Verdict.WAITING.value,
            "until": turn.wait.until.isoformat(),
        }
        return [work.inbox.tell(turn.patient_id, UpdateKind.CHECKED, content)]

    def _step(self, turn: Turn) -> bool:
        with spending.yielding(turn.extra and not turn.suspected):
            match turn.job:
                case FileJob(id):
                    return self._files(id)
                case DocumentJob(id):
                    return self._documents(id)
                case None:
                    return False
                case never:
                    assert_never(never)
