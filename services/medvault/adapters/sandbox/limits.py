"""Limits of a child, which it imposes on itself before it reads its first byte."""

import os
import resource
import signal
from dataclasses import dataclass, replace

from medvault.adapters.sandbox.kernel import PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, prctl
from medvault.domain.media import MAX_BYTES

FILE_SLACK = 1024 * 1024
MAX_COPY = MAX_BYTES
"""Bytes of a PDF's decoded copy, as many as the scanner takes; pictures are not in it."""
SLOWEST = 2 * 1024 * 1024
"""Bytes of a file for which one more second of CPU is granted."""
PATIENCE = 3
"""Seconds by the clock for each of these: others are at work too."""
_OPEN_FILES = 64
_NICENESS = 5


HANDED_OVER = ("memory", "cpu", "pages", "objects", "decoded")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of address space, seconds of CPU, seconds by the clock once the child is ready.

    `cpu` and `wall` are those of a small file, see `of`. `pages` and `objects` are how many a PDF
    may have; `decoded` are the bytes that one stream of it may decode to. Seconds by the clock
    convict no file: on a busy machine those of CPU take longer.
    """

    memory: int = 1024 * 1024 * 1024
    cpu: int = 20
    wall: float = 60.0
    pages: int = 5_000
    objects: int = 500_000
    decoded: int = 256 * 1024 * 1024

    def of(self, size: int) -> "Limits":
        """Return those of a file of `size` bytes: no admitted file is refused for its size."""
        more = size // SLOWEST
        return replace(self, cpu=self.cpu + more, wall=self.wall + PATIENCE * more)

    def arguments(self) -> list[str]:
        """As the child takes them; its parent watches the clock."""
        return [f"--{name}={getattr(self, name)}" for name in HANDED_OVER]


def impose(limits: Limits) -> None:
    """Bind this process for good; it also dies with the thread that started it.

    Raises OSError where the kernel refuses.
    """
    for which, soft, hard in (
        (resource.RLIMIT_AS, limits.memory, limits.memory),
        # SIGXCPU at the soft limit tells a file that burns time from a kill from outside.
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1),
        (resource.RLIMIT_FSIZE, MAX_BYTES + FILE_SLACK, MAX_BYTES + FILE_SLACK),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        ceiling = resource.getrlimit(which)[1]
        if ceiling == resource.RLIM_INFINITY:
            ceiling = hard
        resource.setrlimit(which, (min(soft, ceiling), min(hard, ceiling)))
    os.nice(_NICENESS)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
