"""Files: those to be fetched, checked again or dropped, and those that become reports."""

from typing import ClassVar, assert_never, get_args

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import (
    CheckAgain,
    Discard,
    DiscardBacklog,
    Fetch,
    FileReport,
)
from medvault.domain.conversation.state import Backlog
from medvault.domain.identifiers import MediaId, PersonId, vault_of
from medvault.domain.reports import Report
from medvault.ports.persistence import UnitOfWork
from medvault.ports.vault import Filing, NewFile

Taken = Fetch | CheckAgain | Discard | DiscardBacklog | FileReport


class Files:
    """Gathers files, by their ids and patients."""

    TAKES: ClassVar[tuple[type, ...]] = get_args(Taken)

    def __init__(self) -> None:
        self.fetches: list[NewFile] = []
        self.rechecks: list[MediaId] = []
        self.discards: list[MediaId] = []
        self.backlogs: list[tuple[PersonId, Backlog]] = []
        self.filings: list[Filing] = []
        self.patients: list[PersonId] = []
        """Those with a file to work on."""

    def take(self, effect: Taken, cause: Cause) -> None:
        """Gather what becomes of a file."""
        match effect:
            case Fetch(media_id, attachment):
                self.fetches.append(NewFile(media_id, cause.patient_id, attachment))
                self.patients.append(cause.patient_id)
            case CheckAgain(media_id):
                self.rechecks.append(media_id)
                self.patients.append(cause.patient_id)
            case Discard(media_id):
                self.discards.append(media_id)
            case DiscardBacklog(backlog):
                self.backlogs.append((cause.patient_id, backlog))
            case FileReport(report, files):
                self.filings.append(Filing(vault_of(cause.patient_id), report, files))
                self.patients.append(cause.patient_id)
            case _:
                assert_never(effect)

    def write(self, work: UnitOfWork) -> None:
        """Write files first, then the reports that are made of them."""
        work.media.add(self.fetches)
        work.media.check_again(self.rechecks)
        work.media.discard(self.discards)
        for patient_id, backlog in self.backlogs:
            work.media.discard_backlog(patient_id, backlog)
        work.reports.add(self.filings)
        work.media.file(self.filings)

    def fetches_of(self, patient_id: PersonId) -> bool:
        """Whether a file of this patient is to be fetched."""
        return any(file.patient_id == patient_id for file in self.fetches)

    def filed_since(self, before: int) -> list[Report]:
        """The reports after so many filings."""
        return [filing.report for filing in self.filings[before:]]

    @property
    def to_wake(self) -> list[MediaId]:
        """Files to fetch, to check again or to move."""
        found = [file.id for file in self.fetches]
        return found + self.rechecks + [filing.files[0].media_id for filing in self.filings]
