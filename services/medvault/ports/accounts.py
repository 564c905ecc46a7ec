"""The patients' turns at the media workers, and how much of their work each patient used."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from medvault.domain.identifiers import LetterId, MediaId, PersonId
from medvault.domain.quotas import Quotas, Used, Wait


class JobKind(StrEnum):
    """The kinds of jobs, in the database's words."""

    FILE = "file"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class FileJob:
    """The next step of a file that a patient sent."""

    id: MediaId


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """The upload of a report that goes back to its patient."""

    id: LetterId


Job = FileJob | DocumentJob


@dataclass(frozen=True, slots=True)
class Turn:
    """A patient's turn.

    `job` is what to work on, None where nothing may be done after all, or somebody just holds the
    account: then there is no patient either, and one may look again. `suspected` says that whoever
    had it before neither ended nor gave it back. `wait` says why and until when files of this
    patient wait, and `tell` that the patient does not know it yet; `waiting` is one of these files.
    `extra` is a turn whose work leaves the CPU to others: something of this patient is in hand
    already, as nobody else waits, or their files took much CPU lately.
    """

    patient_id: PersonId | None
    job: Job | None
    suspected: bool = False
    wait: Wait | None = None
    waiting: MediaId | None = None
    tell: bool = False
    extra: bool = False


class Accounts(Protocol):
    """An account for each patient: the next turn, and buckets of what was used."""

    def line_up(self, patients: Sequence[PersonId]) -> None:
        """Give these patients a turn, behind all who wait; those who wait already keep theirs."""
        ...

    def turn(self, quotas: Quotas, *, only_idle: bool = False) -> Turn | None:
        """Take the turn of who waits longest; None where nobody does.

        Patients of whom nothing is in hand go first; with `only_idle` no other gets a turn. The job
        is reserved for some seconds, in which its file or document has to be claimed.
        """
        ...

    def charge(self, patient_id: PersonId, used: Used, quotas: Quotas) -> None:
        """Put what was used into the patient's buckets."""
        ...

    def overdue(self, limit: int, each: int) -> Sequence[MediaId | LetterId]:
        """Give a turn to patients who have lost theirs, and return what of theirs is late.

        At most `each` files and documents of one patient, and of about `limit` patients.
        """
        ...
