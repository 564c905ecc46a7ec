"""The content of vaults: the files that patients sent, and the reports made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from medvault.domain.conversation.state import Backlog, Draft
from medvault.domain.errors import Permanent
from medvault.domain.media import Attachment, FileKind, MediaState, Verdict
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportFile


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A received file, claimed by a worker; `late` is one older than WhatsApp keeps files.

    A report that is to be filed is claimed by its first file, and `files` are all of its files.
    """

    id: UUID
    patient_id: UUID
    state: MediaState
    attachment: Attachment
    attempts: int
    kind: FileKind | None = None
    size: int | None = None
    report_id: UUID | None = None
    late: bool = False
    files: tuple[ReportFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """A report to be filed, whose it is, and its files in order, of which there is one at least.

    A report may have several only once no process of the release before is left, which finds the
    first alone. Raises ValueError where the report says that it has other ones.
    """

    patient_id: UUID
    report: Report
    files: tuple[ReportFile, ...]

    def __post_init__(self) -> None:
        if not self.files or tuple(file.position for file in self.files) != self.report.positions:
            raise ValueError("a report that does not have these files")


class MediaRecords(Protocol):
    """The files that patients sent, from announcement to vault."""

    def add(self, files: Sequence[tuple[UUID, UUID, Attachment]]) -> None:
        """Write (media id, patient id, attachment) to be fetched."""
        ...

    def check_again(self, ids: Sequence[UUID]) -> None:
        """Have files checked that were kept unchecked, with all their attempts before them."""
        ...

    def discard(self, ids: Sequence[UUID]) -> None:
        """Let files go; maintenance removes their bytes."""
        ...

    def discard_backlog(self, patient_id: UUID, backlog: Backlog) -> None:
        """Let all files of a backlog go."""
        ...

    def backlog(self, patient_id: UUID, backlog: Backlog, limit: int) -> Sequence[Draft]:
        """Return a backlog's first files, with the verdicts that there are."""
        ...

    def file(self, filings: Sequence[Filing]) -> None:
        """Have the checked files of reports moved to where these are kept.

        The first file of each has work due, for all of them.
        """
        ...

    def filed(self, ids: Sequence[UUID]) -> None:
        """Record that a report's files lie under their final keys."""
        ...

    def lose(self, ids: Sequence[UUID]) -> None:
        """Record that a report's files could not all be brought there; they stay where they are."""
        ...

    def claim(self, id: UUID, lease: timedelta) -> MediaRecord | None:
        """Lease a file that has work due; None where it has none or somebody works on it."""
        ...

    def open(self, id: UUID) -> bool:
        """Open the vault of a file that was leased; False where there is no work on it any more."""
        ...

    def stored(self, id: UUID, kind: FileKind, size: int) -> bool:
        """Record that the sealed file lies in `incoming/`; False if it was let go meanwhile."""
        ...

    def copied(self, id: UUID, removed: Verdict, size: int) -> bool:
        """Record the copy of a file without what was removed; False if it was let go meanwhile.

        Call it before the copy is stored, so that none is left lying, and after: a sweep may have
        passed between.
        """
        ...

    def copies(self, ids: Sequence[UUID]) -> Collection[UUID]:
        """Return those of the files of which there may be a copy."""
        ...

    def checked(self, id: UUID, verdict: Verdict) -> bool:
        """Record the checks' verdict; False if there is one already, or the file was let go."""
        ...

    def renew(self, id: UUID, lease: timedelta) -> None:
        """Hold a claimed file for longer."""
        ...

    def release(self, id: UUID) -> None:
        """Hold a file no longer that was let go: the rest of it may be swept."""
        ...

    def postpone(self, id: UUID, wait: timedelta, *, counts: bool, alone: bool = False) -> None:
        """Give a file back for a later attempt; `counts` uses one up.

        `alone` has it be tried as if whoever had it had died of it.
        """
        ...

    def leftovers(self, limit: int) -> Sequence[UUID]:
        """Return files whose bytes in `incoming/` are wanted by nobody any more."""
        ...

    def swept(self, ids: Sequence[UUID]) -> None:
        """Record that nothing of these is left in `incoming/`."""
        ...


Owned = tuple[UUID, UUID]
"""A patient, and a report of theirs."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A report's file: its object's final `key`, and where its bytes are sealed."""

    position: int
    key: str
    place: Place
    kind: FileKind
    size: int


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report with its files in order, one at least; `patient_id` is the vault it lies in.

    It is `filed` once all of its files lie under their final keys.
    """

    report: Report
    patient_id: UUID
    files: tuple[StoredFile, ...]
    filed: bool

    def at(self, position: int) -> StoredFile:
        """Return the file at a position; raises `Permanent` where there is none."""
        for file in self.files:
            if file.position == position:
                return file
        raise Permanent("a report has no file at this position")


class Reports(Protocol):
    """The vault. Row-level policies show only what this unit of work has leased.

    A report is filed, or lost, as a whole. It is `filed` in the transaction after which all of its
    files lie under their final keys, and until then none of them is given back. It is `lost` once
    one of them can't be brought there by all attempts: a report with a file missing would pass
    for all of it. All of its files then stay in `incoming/`, to be filed together by a replay.
    """

    def shelf(self, patients: Sequence[UUID]) -> Mapping[UUID, Sequence[Report]]:
        """Return each patient's reports, and those of vaults that were joined to theirs."""
        ...

    def holders(self, patients: Sequence[UUID]) -> Collection[UUID]:
        """Return those of the patients who have reports."""
        ...

    def add(self, filings: Sequence[Filing]) -> None:
        """Write reports as `filing`, with their files."""
        ...

    def filed(self, report_id: UUID) -> bool:
        """Mark a report as filed, all of its files; False if it was already."""
        ...

    def lose(self, report_id: UUID) -> None:
        """Mark a report as one that could not be filed; nobody finds it any more."""
        ...

    def find(self, pairs: Sequence[Owned]) -> Mapping[Owned, StoredReport]:
        """Return reports by (patient, report); one that the patient does not own is not found.

        Those of a vault that was joined to the patient's are theirs, in the place that they have.
        """
        ...
