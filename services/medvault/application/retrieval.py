"""Retrieval: a report goes back to its owner, and to nobody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from medvault.application.delivery.documents import give_up, owned
from medvault.application.leases import LEASE, held
from medvault.domain import filenames
from medvault.domain.audit import Action, Entry
from medvault.domain.dead_letters import MAX_ATTEMPTS, Failure, Reason
from medvault.domain.errors import MissingObject, OutOfTime, Permanent, Unavailable
from medvault.domain.identifiers import LaneId, LetterId, vault_of
from medvault.domain.media import FileKind
from medvault.domain.outbound import Document
from medvault.domain.quotas import Quotas, Used
from medvault.domain.saying.rendering import captioned
from medvault.locales.catalogues import language
from medvault.observability import metrics, spending
from medvault.ports import (
    BlindIndex,
    Examiner,
    FileSealer,
    MediaSource,
    ObjectStore,
    Queue,
    Returned,
    Waker,
)
from medvault.ports.outbox import Leased
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction
from medvault.ports.vault import StoredFile, StoredReport

log = structlog.get_logger(__name__)


class Retrieval:
    """Uploads reports that were asked for; ownership is checked here and again at sending."""

    def __init__(
        self,
        database: Database,
        source: MediaSource,
        store: ObjectStore,
        sealer: FileSealer,
        examiner: Examiner,
        waker: Waker,
        index: BlindIndex,
        new_id: Callable[[], UUID],
        quotas: Quotas = Quotas(),
    ) -> None:
        self._database = database
        self._source = source
        self._store = store
        self._sealer = sealer
        self._examiner = examiner
        self._waker = waker
        self._index = index
        self._new_id = new_id
        self._quotas = quotas

    def process(self, id: LetterId) -> bool:
        """Upload a document's file; False where there is no such document or nothing is due."""
        with self._database.begin(Transaction.CLAIM_UPLOAD) as work:
            leased = work.outbox.claim_upload(id, LEASE)
            stored = owned(work, [leased]).get(id) if leased else None
        if leased is None:
            return False
        spending.taken()
        try:
            if stored is None:
                raise NotOwned
            if leased.attempts > MAX_ATTEMPTS:
                raise TriedTooOften
            with held(lambda: self._renew(id)):
                self._upload(leased, stored)
        except Unavailable:
            self._postpone(leased, counts=False)
        except NotOwned:
            self._give_up(leased, None)
        except Permanent as error:
            self._give_up(leased, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, other reports go on
            self._retry(leased, error)
        return True

    def _renew(self, id: LetterId) -> None:
        with self._database.begin(Transaction.RENEW_UPLOAD) as work:
            work.outbox.renew_upload(id, LEASE)

    def _upload(self, leased: Leased, stored: StoredReport) -> None:
        if not stored.filed:
            self._postpone(leased, counts=False)
            return
        document = _document(leased)
        file = stored.at(document.position)
        with (
            metrics.media_seconds["upload"].time(),
            self._returnable(file) as back,
        ):
            document = _named(document, file, back)
            handle = self._source.upload(back.chunks, back.size, back.kind, document.filename)
        entry = Entry(
            self._new_id(),
            vault_of(leased.patient_id),
            Action.REPORT_UPLOADED,
            document.report_id,
            identity=LaneId(self._index(*leased.outgoing.to.identity)),
        )
        with self._database.begin(Transaction.READY_UPLOAD) as work:
            work.outbox.ready(leased, replace(document, handle=handle))
            work.audit.append([entry])
            if seconds := spending.taken():
                work.accounts.charge(leased.patient_id, Used(cpu=seconds), self._quotas)
        self._waker.wake(Queue.OUTBOUND, [leased.subject])

    @contextmanager
    def _returnable(self, stored: StoredFile) -> Iterator[Returned]:
        """Open the original's bytes, or a PDF made from them where Meta doesn't take them.

        The parts of a picture that decide are read where all of it is: in the sandbox.
        """
        with self._store.get(stored.key) as sealed:
            chunks = self._sealer.open(sealed, stored.place)
            if stored.kind is FileKind.PDF:
                yield Returned(stored.kind, stored.size, chunks)
                return
            with self._examiner.give_back(chunks, stored.kind) as returned:
                yield returned

    def _retry(self, leased: Leased, error: Exception) -> None:
        log.warning("an upload failed", attempt=leased.attempts, error=type(error).__name__)
        if leased.attempts >= MAX_ATTEMPTS:
            self._give_up(leased, error)
        else:
            self._postpone(leased, counts=True, alone=isinstance(error, OutOfTime))

    def _postpone(self, leased: Leased, *, counts: bool, alone: bool = False) -> None:
        wait = timedelta(seconds=2**leased.attempts if counts else 1)
        with self._database.begin(Transaction.POSTPONE_UPLOAD) as work:
            reference = leased.outgoing.reference
            work.outbox.postpone_upload(reference, wait, counts=counts, alone=alone)

    def _give_up(self, leased: Leased, error: Exception | None) -> None:
        """End a document; without an error it was refused to who asked for it."""
        with self._database.begin(Transaction.GIVE_UP_UPLOAD) as work:
            subject = give_up(work, leased, self._new_id, refused=error is None)
            if error is not None:
                work.dead_letters.bury_replies({leased.outgoing.reference: _failure(error)})
        self._waker.wake(Queue.INBOUND, [subject])


class NotOwned(Permanent):
    """The report does not belong to the patient that it would go to."""


class TriedTooOften(Permanent):
    """The process that had the last try died in it."""


def _failure(error: Exception) -> Failure:
    match error:
        case TriedTooOften():
            return Failure(Reason.CRASH)
        case MissingObject():
            return Failure.of(error, Reason.MISSING)
        case _:
            return Failure.of(error)


def _document(leased: Leased) -> Document:
    document = leased.outgoing.content
    if not isinstance(document, Document):
        raise TypeError("not a document")
    return document


def _named(document: Document, stored: StoredFile, back: Returned) -> Document:
    """Give the document the name and caption that fit the bytes that go out."""
    made_from = None if back.kind is stored.kind else stored.kind
    return replace(
        document,
        filename=filenames.fitting(document.filename, back.kind),
        caption=captioned(
            document.caption, made_from, language(document.language), smaller=back.smaller
        ),
        kind=back.kind,
    )
