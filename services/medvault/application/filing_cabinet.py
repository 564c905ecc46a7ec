"""The filing cabinet: a confirmed report moves from `incoming/` to `reports/`, whatever crashes."""

from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.dead_letters import Failure
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LaneId, MediaId, ReportId
from medvault.domain.object_keys import incoming, incoming_copy, original, report
from medvault.domain.reports import ReportFile
from medvault.domain.updates import UpdateKind
from medvault.observability import metrics
from medvault.ports import ObjectStore, Queue, Waker
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction
from medvault.ports.vault import MediaRecord


class FilingCabinet:
    """Copies, commits, then deletes; the first file's row remembers a move that was cut short."""

    def __init__(
        self, database: Database, store: ObjectStore, waker: Waker, new_id: Callable[[], UUID]
    ) -> None:
        self._database = database
        self._store = store
        self._waker = waker
        self._new_id = new_id

    def file(self, record: MediaRecord) -> None:
        """Bring all files of a report under their final keys, and tell the patient."""
        report_id = _report_of(record)
        if not record.files:
            raise Permanent("a report without files can't be filed")
        for file in record.files:
            self._move(file, report_id)
        told = self._commit(record, report_id)
        self._waker.wake(Queue.OUTBOUND, told)
        copied = {file.media_id for file in record.files if file.copied}
        self.clear([file.media_id for file in record.files], copied)

    def _move(self, file: ReportFile, report_id: ReportId) -> None:
        """Bring a file, and its copy without what acts if there is one, to where they stay."""
        given = incoming(file.media_id)
        if file.copied:
            self._store.copy(given, original(report_id, file.position))
            given = incoming_copy(file.media_id)
        self._store.copy(given, report(report_id, file.position))

    def _commit(self, record: MediaRecord, report_id: ReportId) -> list[LaneId]:
        with self._database.begin(Transaction.FILE_REPORT) as work:
            if not (work.open_vaults([record]) and work.reports.filed(report_id)):
                return []
            filed = Entry(self._new_id(), record.vault_id, Action.REPORT_FILED, report_id)
            work.audit.append([filed])
            work.media.filed([file.media_id for file in record.files])
            told = list(work.outbox.release(report_id))
        metrics.reports_filed.inc()
        return told

    def lose(self, record: MediaRecord, failure: Failure) -> None:
        """Set aside a report that can't be filed, its files left where they are; tell the patient.

        The letter that says that it is filed is kept until it is.
        """
        report_id = _report_of(record)
        with self._database.begin(Transaction.LOSE_REPORT) as work:
            if not work.open_vaults([record]):
                return
            work.reports.lose(report_id)
            work.media.lose([record.id, *(file.media_id for file in record.files)])
            work.dead_letters.bury_file(record.id, record.attempts, failure)
            content = {
                "report_id": str(report_id),
                "letter": str(self._new_id()),
                "filed": "no",
            }
            subject = work.inbox.tell(record.patient_id, UpdateKind.NOT_DELIVERED, content)
        self._waker.wake(Queue.INBOUND, [subject])

    def clear(self, ids: Sequence[MediaId], copied: Collection[MediaId]) -> None:
        """Remove files from `incoming/` that nobody wants there any more, and copies of these."""
        for id in ids:
            self._store.delete(incoming(id))
            if id in copied:
                self._store.delete(incoming_copy(id))
        with self._database.begin(Transaction.SWEEP_FILES) as work:
            work.media.swept(ids)


def _report_of(record: MediaRecord) -> ReportId:
    if record.report_id is None:
        raise Permanent("a file without a report can't be filed")
    return record.report_id
