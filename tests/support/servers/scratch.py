"""Directories that go with their owner, at the latest when the next one is made."""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

PREFIX = "medvault-test-"
NEWBORN = 60.0
"""Seconds in which a directory may exist before its owner has locked it."""
MEMORY, ROOM = Path("/dev/shm"), 8 * 1024**3
"""Where Linux keeps files in memory, and the bytes that must be free there."""


class Scratch:
    """A directory of mode 0700, locked for as long as the process that made it lives.

    A run that was killed leaves directories behind that nobody locks: the next one removes them.
    """

    def __init__(self, name: str, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{name}-", dir=parent))
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Removes the directory and what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep(parent: Path) -> None:
    """Removes the directories whose owner died."""
    for path in parent.glob(f"{PREFIX}*"):
        try:
            if time.time() - path.stat().st_ctime > NEWBORN:
                _remove_unowned(path)
        except OSError:  # another run removed it first, or it is somebody else's
            continue


def _remove_unowned(path: Path) -> None:
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(lock)


def in_memory() -> Path | None:
    """A folder in memory with room for all tests, whose programs may run; None without one.

    Tests make and drop hundreds of databases, a thousand files each: five times as fast there.
    """
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return None
    roomy = min(found.f_bavail * found.f_frsize, _available()) >= ROOM
    return MEMORY if roomy and not found.f_flag & os.ST_NOEXEC else None


def _available() -> int:
    """The bytes of memory that Linux would give to new programs (proc(5))."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
