"""The content of vaults: the files that patients sent, and the reports made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from medvault.domain.conversation.state import Backlog, Draft
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import MediaId, PersonId, ReportId, VaultId, vault_of
from medvault.domain.media import Attachment, FileKind, MediaState, Verdict
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportFile


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A received file, claimed by a worker; `late` is one older than WhatsApp keeps files.

    A report that is to be filed is claimed by its first file, and `files` are all of its files.
    """

    id: MediaId
    patient_id: PersonId
    state: MediaState
    attachment: Attachment
    attempts: int
    kind: FileKind | None = None
    size: int | None = None
    report_id: ReportId | None = None
    late: bool = False
    files: tuple[ReportFile, ...] = ()

    @property
    def vault_id(self) -> VaultId:
        """The vault that it is for."""
        return vault_of(self.patient_id)


@dataclass(frozen=True, slots=True)
class Filing:
    """A report to be filed, the vault that it goes into, and its files in order, one at least.

    A report may have several only once no process of the release before is left, which finds the
    first alone. Raises ValueError where the report says that it has other ones.
    """

    vault_id: VaultId
    report: Report
    files: tuple[ReportFile, ...]

    def __post_init__(self) -> None:
        if not self.files or tuple(file.position for file in self.files) != self.report.positions:
            raise ValueError("a report that does not have these files")


class NewFile(NamedTuple):
    """A file that a patient announced, to be fetched."""

    id: MediaId
    patient_id: PersonId
    attachment: Attachment


class MediaRecords(Protocol):
    """The files that patients sent, from announcement to vault."""

    def add(self, files: Sequence[NewFile]) -> None:
        """Write files that are to be fetched."""
        ...

    def check_again(self, ids: Sequence[MediaId]) -> None:
        """Have files checked that were kept unchecked, with all their attempts before them."""
        ...

    def discard(self, ids: Sequence[MediaId]) -> None:
        """Let files go; maintenance removes their bytes."""
        ...

    def discard_backlog(self, patient_id: PersonId, backlog: Backlog) -> None:
        """Let all files of a backlog go."""
        ...

    def backlog(self, patient_id: PersonId, backlog: Backlog, limit: int) -> Sequence[Draft]:
        """Return a backlog's first files, with the verdicts that there are."""
        ...

    def file(self, filings: Sequence[Filing]) -> None:
        """Have the checked files of reports moved to where these are kept.

        The first file of each has work due, for all of them.
        """
        ...

    def filed(self, ids: Sequence[MediaId]) -> None:
        """Record that a report's files lie under their final keys."""
        ...

    def lose(self, ids: Sequence[MediaId]) -> None:
        """Record that a report's files could not all be brought there; they stay where they are."""
        ...

    def claim(self, id: MediaId, lease: timedelta) -> MediaRecord | None:
        """Lease a file that has work due; None where it has none or somebody works on it."""
        ...

    def stored(self, id: MediaId, kind: FileKind, size: int) -> bool:
        """Record that the sealed file lies in `incoming/`; False if it was let go meanwhile."""
        ...

    def copied(self, id: MediaId, removed: Verdict, size: int) -> bool:
        """Record the copy of a file without what was removed; False if it was let go meanwhile.

        Call it before the copy is stored, so that none is left lying, and after: a sweep may have
        passed between.
        """
        ...

    def copies(self, ids: Sequence[MediaId]) -> Collection[MediaId]:
        """Return those of the files of which there may be a copy."""
        ...

    def checked(self, id: MediaId, verdict: Verdict) -> bool:
        """Record the checks' verdict; False if there is one already, or the file was let go.

        One that has to wait is recorded later. A file that could not be checked is kept.
        """
        ...

    def renew(self, id: MediaId, lease: timedelta) -> None:
        """Hold a claimed file for longer."""
        ...

    def release(self, id: MediaId) -> None:
        """Hold a file no longer that was let go: the rest of it may be swept."""
        ...

    def postpone(self, id: MediaId, wait: timedelta, *, counts: bool, alone: bool = False) -> None:
        """Give a file back for a later attempt; `counts` uses one up.

        `alone` has it be tried as if whoever had it had died of it.
        """
        ...

    def leftovers(self, limit: int) -> Sequence[MediaId]:
        """Return files whose bytes in `incoming/` are wanted by nobody any more."""
        ...

    def swept(self, ids: Sequence[MediaId]) -> None:
        """Record that nothing of these is left in `incoming/`."""
        ...


class Owned(NamedTuple):
    """A patient, and a report that is to be theirs."""

    patient_id: PersonId
    report_id: ReportId


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
    """A report with the vault that it lies in, and its files in order, one at least.

    It is `filed` once all of its files lie under their final keys.
    """

    report: Report
    vault_id: VaultId
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

    def shelf(self, patients: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Report]]:
        """Return each patient's reports, and those of other vaults that they have access to."""
        ...

    def holders(self, patients: Sequence[PersonId]) -> Collection[PersonId]:
        """Return those of the patients who have reports."""
        ...

    def add(self, filings: Sequence[Filing]) -> None:
        """Write reports as `filing`, with their files."""
        ...

    def filed(self, report_id: ReportId) -> bool:
        """Mark a report as filed, all of its files; False if it was already."""
        ...

    def lose(self, report_id: ReportId) -> None:
        """Mark a report as one that could not be filed; nobody finds it any more."""
        ...

    def find(self, pairs: Sequence[Owned]) -> Mapping[Owned, StoredReport]:
        """Return reports by (patient, report); one that the patient does not own is not found.

        Those of another vault that they have access to are theirs, in the place that they have.
        """
        ...
