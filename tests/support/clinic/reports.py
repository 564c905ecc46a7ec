"""Reports of several files, as no conversation files them yet."""

from datetime import date

from medvault.application.effects.batch import Batch
from medvault.domain.conversation.effects import FileReport
from medvault.domain.conversation.state import FilingState
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.domain.saying.messages import Filed
from medvault.ports import Queue
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic

DETAILS = ReportDetails(date(2019, 5, 2), "Apollo Clinic", ReportType.LAB, "scan.pdf")


def checked_file(clinic: Clinic, user_id: str, content: bytes) -> ReportFile:
    """A file that was sent and checked, and waits for its patient's answers."""
    clinic.source.content = content
    media_id = clinic.gets_file(user_id)
    clinic.settle()
    copied = "SELECT removed IS NOT NULL FROM media WHERE id = %s"
    return ReportFile(media_id, copied=clinic.tables.one(copied, media_id))


def confirmed(clinic: Clinic, user_id: str, *files: ReportFile) -> tuple[ReportId, MediaId]:
    """Makes one report of checked files; returns its id, and that of the file which has work due.

    All of it happens in a conversation's transaction, as if its patient had said YES.
    """
    placed = tuple(
        ReportFile(file.media_id, position, file.copied)
        for position, file in enumerate(files, start=1)
    )
    positions = tuple(file.position for file in placed)
    report = Report(ReportId(clinic.base.new_id()), DETAILS, positions=positions)
    clinic.receive(webhooks.text(user_id, clinic.wamid(), "yes"))
    with clinic.database.begin(Transaction.CONVERSE) as work:
        (claimed,) = work.conversations.claim([clinic.subject(user_id)], clinic.base.new_id)
        assert claimed.state is not None
        state, batch = claimed.state.idle(FilingState()), Batch(clinic.base.new_id)
        effect = FileReport(report, placed, Filed(DETAILS, offers_pin=False))
        batch.took(claimed, state, claimed.pending[0], [effect], None)
        batch.states.moved(claimed, state)
        batch.write(work)
    clinic.waker.wake(Queue.MEDIA, batch.media_to_wake)
    (first, *_) = placed
    assert batch.media_to_wake == [first.media_id]
    return report.id, first.media_id
