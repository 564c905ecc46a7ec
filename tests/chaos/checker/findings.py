"""The checker's findings, in numbers and in sentences without a patient's data."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

COUNTS = (
    "sent",
    "answered",
    "effects",
    "lost",
    "doubled",
    "inverted",
    "inverted_across_intake",
    "doubled_to_patient",
    "doubled_unheard",
    "strayed",
    "orphaned",
    "missing",
    "audit_broken",
    "unfinished",
)
"""The counts that are always told, zeros too; `sent` to `effects` are messages of patients."""

_MOST_SENTENCES = 40
_MOST_NOTES = 20


class Findings:
    """`counts` by name; `violations` are what must never be, `notes` what is good to know."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []
        self.notes: list[str] = []

    def blame(self, name: str, sentence: str, times: int = 1) -> None:
        """Count what must never be, and say what it is."""
        self.counts[name] += times
        self.violations.append(sentence)

    def note(self, name: str, sentence: str, times: int = 1) -> None:
        """Count what may be, and say what it is, the first few times."""
        self.counts[name] += times
        if self.counts[name] <= _MOST_NOTES:
            self.notes.append(sentence)

    @classmethod
    def together(cls, parts: Iterable[Self]) -> Self:
        """All judgements in one."""
        whole = cls()
        for part in parts:
            whole.counts.update(part.counts)
            whole.violations += part.violations
            whole.notes += part.notes
        return whole

    def as_json(self) -> Mapping[str, object]:
        """The counts by name, and beside them the sentences."""
        rest = {name: count for name, count in sorted(self.counts.items()) if name not in COUNTS}
        return {
            **{name: self.counts[name] for name in COUNTS},
            **rest,
            "violations": self.violations,
            "notes": self.notes,
        }

    def table(self) -> str:
        """The counts, one a line, then what is wrong."""
        counts = {name: value for name, value in self.as_json().items() if isinstance(value, int)}
        width = max(map(len, counts))
        lines = [f"{name.replace('_', ' '):<{width}}  {counts[name]:>9,}" for name in counts]
        lines += [f"VIOLATION: {sentence}" for sentence in self.violations[:_MOST_SENTENCES]]
        if len(self.violations) > _MOST_SENTENCES:
            lines.append(f"and {len(self.violations) - _MOST_SENTENCES} violations more")
        return "\n".join(lines)
