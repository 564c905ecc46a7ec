"""What the checker found, in numbers and in sentences without a patient's data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """`counts` by name; `violations` are what must never happen, `notes` what is good to know."""

    counts: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> Mapping[str, object]:
        """The counts, and beside them the sentences."""
        return {**self.counts, "violations": self.violations, "notes": self.notes}

    def table(self) -> str:
        """The counts, one a line."""
        width = max((len(name) for name in self.counts), default=0)
        return "\n".join(f"{name:<{width}}  {count:>8,}" for name, count in self.counts.items())
