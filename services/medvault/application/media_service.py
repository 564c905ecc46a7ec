"""The media service: a file is fetched, sealed, checked, and filed once its patient says so."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from uuid import uuid4

import structlog

from medvault.application.copies import Copies, Judgement
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.leases import LEASE, held
from medvault.application.session_view import SessionView
from medvault.application.slow_lane import SlowLane
from medvault.domain import foreign
from medvault.domain.dead_letters import MAX_ATTEMPTS, Failure, Reason
from medvault.domain.errors import (
    Expired,
    MissingObject,
    OutOfTime,
    Permanent,
    PutOff,
    Rejected,
    Transient,
    Unavailable,
)
from medvault.domain.identifiers import MediaId
from medvault.domain.media import MAX_BYTES, SNIFF_BYTES, FileKind, MediaState, Verdict, sniff
from medvault.domain.object_keys import incoming
from medvault.domain.place import Place
from medvault.domain.quotas import Quotas, Used
from medvault.domain.updates import UpdateKind
from medvault.observability import metrics, spending
from medvault.ports import Download, Examiner, FileSealer, MediaSource, ObjectStore, Queue, Waker
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction
from medvault.ports.vault import MediaRecord

_WAIT = timedelta(seconds=5)

log = structlog.get_logger(__name__)


class MediaService:
    """Works on one received file at a time; every step may be repeated."""

    def __init__(
        self,
        database: Database,
        source: MediaSource,
        store: ObjectStore,
        sealer: FileSealer,
        examiner: Examiner,
        cabinet: FilingCabinet,
        copies: Copies,
        sessions: SessionView,
        waker: Waker,
        lease: timedelta = LEASE,
        quotas: Quotas = Quotas(),
        lane: SlowLane | None = None,
    ) -> None:
        self._database = database
        self._source = source
        self._store = store
        self._sealer = sealer
        self._examiner = examiner
        self._cabinet = cabinet
        self._copies = copies
        self._sessions = sessions
        self._waker = waker
        self._lease = lease
        self._quotas = quotas
        self._lane = lane or SlowLane(1)

    def process(self, id: MediaId) -> bool:
        """Do the next step of a file; False where there is no such file or nothing is due."""
        with self._database.begin(Transaction.CLAIM_FILE) as work:
            record = work.media.claim(id, self._lease)
        if record is None:
            return False
        spending.taken()
        try:
            with held(lambda: self._renew(id), self._lease):
                self._step(record)
        except Unavailable as error:
            self._postpone(record, counts=False)
            if error.dependency == "clamd":
                self._report(record, Judgement(Verdict.WAITING))
        except PutOff:
            self._postpone(record, counts=False)
        except Permanent as error:
            self._fail(record, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, other files go on
            self._retry(record, error)
        return True

    def _renew(self, id: MediaId) -> None:
        with self._database.begin(Transaction.RENEW_FILE) as work:
            work.media.renew(id, self._lease)

    def _step(self, record: MediaRecord) -> None:
        if record.attempts > MAX_ATTEMPTS:
            self._give_up(record, Failure(Reason.CRASH))
            return
        if record.state is MediaState.FILING:
            with metrics.media_seconds["file"].time():
                self._cabinet.file(record)
            return
        judged = self._judged(record)
        if judged is not None:
            self._report(record, judged)

    def _judged(self, record: MediaRecord) -> Judgement | None:
        """Return what is made of a file; None for one that its patient has let go meanwhile."""
        kind = record.kind
        try:
            if kind is None:
                with metrics.media_seconds["fetch"].time():
                    kind = self._fetch(record)
            if not self._sessions.wants(record.patient_id, record.id):
                self._discard(record)
                return None
            with metrics.media_seconds["examine"].time():
                return self._examine(record, kind)
        except Rejected as refused:
            return Judgement(Verdict(refused.reason))
        except Expired:
            return Judgement(Verdict.TOO_LATE if record.late else Verdict.EXPIRED)

    def _discard(self, record: MediaRecord) -> None:
        with self._database.begin(Transaction.DISCARD_FILE) as work:
            work.media.discard([record.id])
            work.media.release(record.id)

    def _fetch(self, record: MediaRecord) -> FileKind:
        """Bring a file from the channel into `incoming/`, sealed, in one pass."""
        with self._source.fetch(record.attachment.handle) as download:
            if download.size == 0:
                raise Rejected(Verdict.EMPTY)
            if download.size > MAX_BYTES:
                raise Rejected(Verdict.TOO_LARGE)
            head, chunks = _peeked(download.chunks)
            kind = sniff(head)
            if kind is None:
                raise Rejected(foreign.named(head))
            sealed = self._sealer.seal(_verified(chunks, download), _place(record))
            size = self._sealer.sealed_size(download.size)
            self._store.put(incoming(record.id), sealed, size)
        with self._database.begin(Transaction.STORE_FILE) as work:
            wanted = work.media.stored(record.id, kind, download.size)
            used = Used(files=1, bytes=download.size)
            work.accounts.charge(record.patient_id, used, self._quotas)
        if not wanted and not self._sessions.wants(record.patient_id, record.id):
            self._store.delete(incoming(record.id))
        return kind

    def _examine(self, record: MediaRecord, kind: FileKind) -> Judgement:
        keeper = self._copies.keeper(record)
        with (
            self._lane.scanning(record.id) as may_take_long,
            self._store.get(incoming(record.id)) as sealed,
        ):
            opened = self._sealer.open(sealed, _place(record))
            verdict = self._examiner.examine(opened, kind, may_take_long, keeper)
        return Judgement(verdict, keeper.removed if keeper else None)

    def _report(
        self, record: MediaRecord, judged: Judgement, failure: Failure | None = None
    ) -> None:
        """Tell the conversation what the checks say; it goes on from there."""
        verdict, removed = judged
        content = {
            "media_id": str(record.id),
            "verdict": verdict.broad.value,
            "exact": verdict.value,
        }
        if verdict is Verdict.UNCHECKED:
            content["died"] = str(uuid4())  # it may come again, after a replay
        if removed is not None:
            content["removed"] = removed.value
        with self._database.begin(Transaction.REPORT_VERDICT) as work:
            if not work.media.checked(record.id, verdict):
                work.media.release(record.id)
                self._charge(work, record)
                return
            if failure is not None:
                work.dead_letters.bury_file(record.id, record.attempts, failure)
            subject = work.inbox.tell(record.patient_id, UpdateKind.CHECKED, content)
            self._charge(work, record)
        metrics.media_checked[verdict].inc()
        if removed is not None:
            metrics.copies_made[removed].inc()
        self._waker.wake(Queue.INBOUND, [subject])

    def _fail(self, record: MediaRecord, error: Permanent) -> None:
        """Try no more what can't work; a report that was promised has all its attempts."""
        if record.state is MediaState.FILING:
            self._retry(record, error)
        else:
            self._give_up(record, _failure(error))

    def _retry(self, record: MediaRecord, error: Exception) -> None:
        log.warning("a file failed", attempt=record.attempts, error=type(error).__name__)
        if record.attempts >= MAX_ATTEMPTS:
            overran = isinstance(error, OutOfTime)
            verdict = Verdict.UNCHECKED if overran else Verdict.FAILED
            self._give_up(record, _failure(error), verdict)
        else:
            alone = isinstance(error, OutOfTime) and error.alone
            self._postpone(record, counts=True, alone=alone)

    def _give_up(
        self, record: MediaRecord, failure: Failure, verdict: Verdict = Verdict.FAILED
    ) -> None:
        if record.state is MediaState.FILING:
            self._cabinet.lose(record, failure)
        else:
            self._report(record, Judgement(verdict), failure)

    def _postpone(self, record: MediaRecord, *, counts: bool, alone: bool = False) -> None:
        wait = _WAIT if not counts else timedelta(seconds=2 ** min(record.attempts, 6))
        with self._database.begin(Transaction.POSTPONE_FILE) as work:
            work.media.postpone(record.id, wait, counts=counts, alone=alone)
            self._charge(work, record)

    def _charge(self, work: UnitOfWork, record: MediaRecord) -> None:
        """Put what the examination cost to the patient's account."""
        if seconds := spending.taken():
            work.accounts.charge(record.patient_id, Used(cpu=seconds), self._quotas)


def _place(record: MediaRecord) -> Place:
    return Place.file(record.id, record.vault_id)


def _failure(error: Exception) -> Failure:
    missing = isinstance(error, MissingObject)
    return Failure.of(error, Reason.MISSING if missing else Reason.RAISED)


def _peeked(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return a file's first bytes, and all of its chunks."""
    head, seen = b"", []
    for chunk in chunks:
        seen.append(chunk)
        head += chunk[:SNIFF_BYTES]
        if len(head) >= SNIFF_BYTES:
            break
    return head, chain(seen, chunks)


def _verified(chunks: Iterator[bytes], download: Download) -> Iterator[bytes]:
    """Pass a file through; raises at its end if size or SHA-256 are not as announced."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        yield chunk
    if size != download.size or download.sha256 not in (None, digest.digest()):
        raise Transient("the file did not arrive as announced")
