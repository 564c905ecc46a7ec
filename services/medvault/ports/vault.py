"""The content of vaults: the files that patients sent, and the reports made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from medvault.domain import object_keys
from medvault.domain.conversation.state import Backlog, Draft
from medvault.domain.identifiers import MediaId, PersonId, ReportId, VaultId, vault_of
from medvault.domain.media import Attachment, FileKind, MediaState, Verdict
from medvault.domain.place import Place
from medvault.domain.reports import Report


@dataclass(frozen=True, slots=True)
class MediaRecord:
    """A received file, claimed by a worker; `late` is one older than WhatsApp keeps files.

    For one that is to be filed, `copied` says that a copy goes to its owner instead.
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
    copied: bool = False

    @property
    def vault_id(self) -> VaultId:
        """The vault that it is for."""
        return vault_of(self.patient_id)


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

    def file(self, files: Sequence[tuple[MediaId, ReportId]]) -> None:
        """Have checked files moved to where their reports are kept: (media id, report id)."""
        ...

    def filed(self, id: MediaId) -> None:
        """Record that the file lies under its final key."""
        ...

    def lose(self, id: MediaId) -> None:
        """Record that the file could not be brought there, and leave it where it is."""
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
        """Record the checks' verdict; False if there is one already, or the file was let go."""
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
class StoredReport:
    """A report with the vault that it lies in, and the place and kind of its file."""

    report: Report
    vault_id: VaultId
    media_id: MediaId
    kind: FileKind
    size: int
    filed: bool

    @property
    def key(self) -> str:
        """The object's final key."""
        return object_keys.report(self.report.id)

    @property
    def place(self) -> Place:
        """Where its bytes are sealed: a copy opens as one only."""
        bound = Place.copy if self.report.copied else Place.file
        return bound(self.media_id, self.vault_id)


@dataclass(frozen=True, slots=True)
class Filing:
    """A report to be filed, the vault that it goes into, and its file."""

    vault_id: VaultId
    report: Report
    media_id: MediaId


class Reports(Protocol):
    """The vault. Row-level policies show only what this unit of work has leased."""

    def shelf(self, patients: Sequence[PersonId]) -> Mapping[PersonId, Sequence[Report]]:
        """Return each patient's reports, and those of vaults that were joined to theirs."""
        ...

    def holders(self, patients: Sequence[PersonId]) -> Collection[PersonId]:
        """Return those of the patients who have reports."""
        ...

    def add(self, filings: Sequence[Filing]) -> None:
        """Write reports as `filing`."""
        ...

    def filed(self, report_id: ReportId) -> bool:
        """Mark a report as filed; False if it was already."""
        ...

    def lose(self, report_id: ReportId) -> None:
        """Mark a report as one that could not be filed; nobody finds it any more."""
        ...

    def find(self, pairs: Sequence[Owned]) -> Mapping[Owned, StoredReport]:
        """Return reports by (patient, report); one that the patient does not own is not found.

        Those of a vault that was joined to the patient's are theirs, in the place that they have.
        """
        ...
