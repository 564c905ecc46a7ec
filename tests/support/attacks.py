"""Attacks that were tried, how many of them succeeded, and how many do without their mend."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support import figures

CONTROL = "_control"


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
        for name, value in found.items():
            if not name.endswith(CONTROL):
                yield f"{name:28}{value:>12}{found.get(name + CONTROL, ''):>18}"
