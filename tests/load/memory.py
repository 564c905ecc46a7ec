"""How much memory a process takes."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """Mebibytes: resident now, and at most since the process began (proc(5), VmRSS and VmHWM)."""

    now: float
    peak: float

    @classmethod
    def of(cls, pid: int) -> "Memory":
        """Look at a process."""
        status = Path(f"/proc/{pid}/status").read_text()
        return cls(_mebibytes("VmRSS", status), _mebibytes("VmHWM", status))


def _mebibytes(name: str, status: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        message = f"a process without {name}"
        raise ValueError(message)
    return int(found[1]) / 1024


@dataclass(frozen=True, slots=True)
class Footprint:
    """A process before and under load."""

    name: str
    idle: Memory
    loaded: Memory

    def shown(self) -> str:
        """All of it in a line."""
        return (
            f"  {self.name:<20} {self.idle.now:6.0f} MB idle {self.loaded.now:6.0f} MB under load "
            f"{self.loaded.peak:6.0f} MB at most"
        )

    def as_json(self) -> dict[str, float]:
        """All of it."""
        return {
            "idle": round(self.idle.now, 1),
            "loaded": round(self.loaded.now, 1),
            "peak": round(self.loaded.peak, 1),
        }
