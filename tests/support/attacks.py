"""Attacks that were tried, how many of them succeeded, and how many do without their mend."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support import figures

CONTROL = "_control"
PROMISED = (
    *("text_bombs", "worst_cpu_ms", "bystander_text_p95_ms", "blast_file_ratio"),
    *("idle_connections", "unsigned_rss_mib", "escapes", "escapes_succeeded", "escalations"),
    *("escalations_succeeded", "swaps", "foreign_bytes", "identity_steps", "leaked"),
    *("bad_classes", "bad_accepted", "good_files", "good_refused", "forgeries"),
    *("forgeries_accepted", "fuzz_cases", "fuzz_5xx", "canary_hits"),
)
"""Names of the figures that are told first, each beside its control."""
MISSING = "not run"


class Attacks:
    """The attacks of one run, by the name of their campaign; kept in a file of figures."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._figures: dict[str, Any] = {}

    def tried(self, name: str, tried: int, succeeded: int, control: tuple[int, int]) -> None:
        """Notes a campaign; `control` is how many were tried without the mend and succeeded then.

        Its keys are `name`, `name_succeeded`, and both with `_control`.
        """
        ended = f"{name}_succeeded"
        self._figures |= {name: tried, ended: succeeded}
        self._figures |= {name + CONTROL: control[0], ended + CONTROL: control[1]}

    def measured(self, **values: float) -> None:
        """Notes figures that have no count of attacks, as `worst_cpu_ms`, under their own names.

        The value without the mend goes under the same name with `_control` behind it.
        """
        self._figures |= values

    def keep(self) -> None:
        """Writes the figures into the file, those of earlier runs kept."""
        figures.add(self._file, self._figures)

    def table(self) -> Iterator[str]:
        """A line for each figure of the file, beside its value without the mend."""
        found = figures.load(self._file)
        others = (name for name in found if name not in PROMISED and not name.endswith(CONTROL))
        for name in (*PROMISED, *others):
            control = found.get(name + CONTROL, MISSING if name in PROMISED else "")
            yield f"{name:36}{found.get(name, MISSING):>12}{control:>16}"

    def missing(self) -> list[str]:
        """The promised figures that the file does not have, with or without the mend."""
        found = figures.load(self._file)
        return [key for name in PROMISED for key in (name, name + CONTROL) if key not in found]
