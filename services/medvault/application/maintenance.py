"""Maintenance: every worker process ticks once a second and moves on what is due or stuck."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from medvault.application.audit_chain import Sequencer
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.inbound import Inbound
from medvault.domain.dead_letters import Kind
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from medvault.observability import metrics
from medvault.ports import Queue, Waker
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

STUCK_AFTER = timedelta(seconds=2)
_AT_ONCE = 256
_OF_EACH = 8

log = structlog.get_logger(__name__)


class Maintenance:
    """Finds rows that are due; those of its own process it handles, the others' workers it wakes.

    So a lost wake-up costs seconds only, and conversations go on while the broker is away. Files
    are looked for by who is `idle`: while all are busy, what is due waits in line, not forgotten.
    """

    def __init__(
        self,
        database: Database,
        sequencer: Sequencer,
        waker: Waker,
        renew_formats: Callable[[], None],
        inbound: Inbound | None = None,
        cabinet: FilingCabinet | None = None,
        idle: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._sequencer = sequencer
        self._waker = waker
        self._renew_formats = renew_formats
        self._inbound = inbound
        self._cabinet = cabinet
        self._idle = idle

    def tick(self) -> None:
        """Do one round; may run in any number of processes at once."""
        for step in (
            self._renew_formats,
            self._ring_timers,
            self._find_updates,
            self._link_audit,
            self._wake_files,
            self._sweep_files,
        ):
            try:
                step()
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one that fails keeps no other from its turn
                name = step.__name__.strip("_")
                log.warning("a step of the tick failed", step=name, error=type(error).__name__)

    def _ring_timers(self) -> None:
        with self._database.begin(Transaction.RING_TIMERS) as work:
            rung = work.timers.ring(_AT_ONCE)
        self._converse("timer", rung)

    def _find_updates(self) -> None:
        with self._database.begin(Transaction.FIND_UPDATES) as work:
            stuck = work.inbox.overdue(STUCK_AFTER, _AT_ONCE)
            metrics.inbox_lag_seconds.set(work.inbox.lag_seconds())
            _show(work.dead_letters.open_by_kind())
        self._converse("inbox", stuck)

    def _link_audit(self) -> None:
        metrics.swept_rows["audit"].inc(self._sequencer.link())

    def _converse(self, kind: str, subjects: Sequence[LaneId]) -> None:
        if not subjects:
            return
        metrics.swept_rows[kind].inc(len(subjects))
        if self._inbound is None:
            self._waker.wake(Queue.INBOUND, subjects)
        elif kind == "inbox":
            self._inbound.handle_suspects(subjects)
        else:
            self._inbound.handle(subjects)

    def _sweep_files(self) -> None:
        if self._cabinet is None:
            return
        with self._database.begin(Transaction.FIND_LEFTOVERS) as work:
            leftovers = work.media.leftovers(_AT_ONCE)
            copied = work.media.copies(leftovers)
        if leftovers:
            self._cabinet.clear(leftovers, copied)
            metrics.swept_rows["filing"].inc(len(leftovers))

    def _wake_files(self) -> None:
        if self._cabinet is None or not self._idle():
            return
        with self._database.begin(Transaction.FIND_FILES) as work:
            files = work.accounts.overdue(_AT_ONCE, _OF_EACH)
        if files:
            metrics.swept_rows["media"].inc(len(files))
            self._waker.wake(Queue.MEDIA, files)


def _show(dead: Mapping[str, tuple[int, float]]) -> None:
    for kind in Kind:
        count, age = dead.get(kind, (0, 0.0))
        metrics.dead_letters[kind].set(count)
        metrics.dead_letter_age_seconds[kind].set(age)
