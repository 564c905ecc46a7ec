"""Files: those to be fetched, checked again or dropped, and those that become reports."""

from typing import ClassVar, assert_never, get_args
from uuid import UUID

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import (
    CheckAgain,
    Discard,
    DiscardBacklog,
    Fetch,
    FileReport,
)
from medvault.domain.conversation.state import Backlog
from medvault.domain.media import Attachment
from medvault.domain.reports import Report
from medvault.ports.persistence import UnitOfWork
from medvault.ports.vault import Filing

Taken = Fetch | CheckAgain | Discard | DiscardBacklog | FileReport


class Files:
    """Gathers files, by their ids and patients."""

    TAKES: ClassVar[tuple[type, ...]] = get_args(Taken)

    def __init__(self) -> None:
        self.fetches: list[tuple[UUID, UUID, Attachment]] = []
        self.rechecks: list[tuple[UUID, UUID]] = []
        self.discards: list[UUID] = []
        self.backlogs: list[tuple[UUID, Backlog]] = []
        self.filings: list[Filing] = []

    def take(self, effect: Taken, cause: Cause) -> None:
        """Gather what becomes of a file."""
        match effect:
            case Fetch(media_id, attachment):
                self.fetches.append((media_id, cause.patient_id, attachment))
            case CheckAgain(media_id):
                self.rechecks.append((media_id, cause.patient_id))
            case Discard(media_id):
                self.discards.append(media_id)
            case DiscardBacklog(backlog):
                self.backlogs.append((cause.patient_id, backlog))
            case FileReport(report, files):
                self.filings.append(Filing(cause.patient_id, report, files))
            case _:
                assert_never(effect)

    def write(self, work: UnitOfWork) -> None:
        """Write files first, then the reports that are made of them."""
        work.media.add(self.fetches)
        work.media.check_again([media_id for media_id, _ in self.rechecks])
        work.media.discard(self.discards)
        for patient_id, backlog in self.backlogs:
            work.media.discard_backlog(patient_id, backlog)
        work.reports.add(self.filings)
        work.media.file(self.filings)

    def fetches_of(self, patient_id: UUID) -> bool:
        """Whether a file of this patient is to be fetched."""
        return any(whose == patient_id for _, whose, _ in self.fetches)

    def filed_since(self, before: int) -> list[Report]:
        """The reports after so many filings."""
        return [filing.report for filing in self.filings[before:]]

    @property
    def patients(self) -> list[UUID]:
        """Those with a file to work on."""
        found = [patient_id for _, patient_id, _ in self.fetches]
        found += [patient_id for _, patient_id in self.rechecks]
        return found + [filing.patient_id for filing in self.filings]

    @property
    def to_wake(self) -> list[UUID]:
        """Files to fetch, to check again or to move."""
        found = [media_id for media_id, _, _ in self.fetches]
        found += [media_id for media_id, _ in self.rechecks]
        return found + [filing.files[0].media_id for filing in self.filings]
