"""Reports that a patient files, and the list that they see of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from medvault.domain.identifiers import ReportId


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
    """`filing` until the sealed file lies under its final key, `lost` if it never got there."""

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
class Report:
    """A report as its owner's list shows it; `copied` if its file is a copy without what acts."""

    id: ReportId
    details: ReportDetails
    scanned: bool = True
    copied: bool = False


def newest_first(reports: Iterable[Report]) -> tuple[Report, ...]:
    """Sort by the date on the report; within one day the last filed comes first (UUIDv7 order)."""
    return tuple(sorted(reports, key=lambda r: (r.details.date, r.id), reverse=True))
