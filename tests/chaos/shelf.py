"""A patient's knowledge of their own reports, and so all that the patient expects to see."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from chaos.files import File

HOSPITALS = ("City Hospital", "Lakeside Clinic", "Dr Rao's Practice", "Sunrise Lab")
KINDS = ("Lab test", "Scan or X-ray", "Prescription", "Discharge summary", "Vaccination", "Other")
LAST_DAY = date(2024, 12, 31)
ON_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """A report as its patient describes it, and its bytes' digest."""

    day: date
    hospital: str
    kind: str
    digest: str

    @property
    def spoken_day(self) -> str:
        """As medvault writes it, and reads it."""
        return f"{self.day.day} {self.day:%B} {self.day.year}"

    def is_told_in(self, text: str) -> bool:
        """Whether a text names all three."""
        return all(part in text for part in (self.kind, self.hospital, self.spoken_day))

    def is_row(self, number: int, row: Mapping[str, Any]) -> bool:
        """Whether this is its line of the list."""
        told = str(row.get("description", "")).removeprefix("not scanned, ")
        title = f"{number}. {self.spoken_day}"
        return str(row["title"]) == title and told == f"{self.kind}, {self.hospital}"


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(slots=True)
class Shelf:
    """All reports of one patient; no two are of one day, so that their order is known."""

    filed: list[Entry] = field(default_factory=list)
    _days: set[date] = field(default_factory=set)

    def describe(self, dice: random.Random, file: File) -> Entry:
        """Think of a description for a file, with a day that no other has."""
        day = LAST_DAY
        while day in self._days or day == LAST_DAY:
            day = LAST_DAY - timedelta(days=dice.randint(1, 5000))
        self._days.add(day)
        return Entry(day, dice.choice(HOSPITALS), dice.choice(KINDS), digest(file.data))

    def listed(self) -> list[Entry]:
        """Newest first, as LIST shows them."""
        return sorted(self.filed, key=lambda entry: entry.day, reverse=True)

    def is_shown_by(self, message: Mapping[str, Any]) -> bool:
        """Whether a list shows the first page of exactly these."""
        page, rows = self.listed()[:ON_A_PAGE], message.get("rows", ())
        head = f"1 to {len(page)} of {len(self.filed)}"
        return (
            head in message.get("text", "")
            and len(rows) == len(page)
            and all(e.is_row(n, row) for n, (e, row) in enumerate(zip(page, rows, strict=True), 1))
        )
