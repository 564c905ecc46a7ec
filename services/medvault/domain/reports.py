"""Reports that a patient files, and the list that they see of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medvault.domain.identifiers import MediaId, ReportId


class ReportType(StrEnum):
    """The kinds of report a patient can choose from, as India's ABDM groups health records."""

    LAB = "lab"
    IMAGING = "imaging"
    PRESCRIPTION = "prescription"
    DISCHARGE = "discharge"
    CONSULTATION = "consultation"
    VACCINATION = "vaccination"
    INVOICE = "invoice"
    OTHER = "other"


class Detail(StrEnum):
    """A detail that a patient is asked of a report."""

    DATE = "date"
    HOSPITAL = "hospital"
    TYPE = "type"


class ReportState(StrEnum):
    """`filing` until all its files lie under their final keys, `lost` if one never got there."""

    FILING = "filing"
    FILED = "filed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ReportDetails:
    """The details that the patient gave of a report; sealed wherever they rest.

    Where only a month was said, `date` is the first of it.
    """

    date: date
    hospital: str
    type: ReportType
    filename: str | None = None
    whole_month: bool = False


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report; `copied` if its owner is given a copy of it without what acts.

    `position` is its place among the report's files, from 1 on, and is never given to another one.
    """

    media_id: MediaId
    position: int = 1
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its owner's list shows it; `positions` are those of its files, in order."""

    id: ReportId
    details: ReportDetails
    scanned: bool = True
    positions: tuple[int, ...] = (1,)


def newest_first(reports: Iterable[Report]) -> tuple[Report, ...]:
    """Sort by the date on the report; within one day the last filed comes first (UUIDv7 order)."""
    return tuple(sorted(reports, key=lambda r: (r.details.date, r.id), reverse=True))
