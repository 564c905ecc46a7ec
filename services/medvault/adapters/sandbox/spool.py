"""A file in memory only: a report's plaintext never touches a disk."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from medvault.domain.media import MAX_BYTES

_PIECE = 256 * 1024
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class TooLarge(Exception):
    """More than `MAX_BYTES` came."""


def create() -> BinaryIO:
    """An empty file that has no name anywhere and goes with the last process that has it open."""
    return os.fdopen(os.memfd_create("report", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")


def fill(chunks: Iterable[bytes]) -> BinaryIO:
    """Keep what comes in a file that nobody can change any more; raises `TooLarge`."""
    file, size = create(), 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge
            file.write(chunk)
        file.flush()
        fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def pieces(file: BinaryIO, length: int = _PIECE) -> Iterator[bytes]:
    """Read a whole file, wherever others who have it open may have moved its position to."""
    offset = 0
    while piece := os.pread(file.fileno(), length, offset):
        offset += len(piece)
        yield piece


def size(file: BinaryIO) -> int:
    """Bytes in the file, whose position is at its end afterwards."""
    # Not by fstat(2): glibc before 2.39 asks for it by name, which a box does not let through.
    return os.lseek(file.fileno(), 0, os.SEEK_END)


def drain(file: BinaryIO, target: int) -> None:
    """Write the whole file to a descriptor."""
    offset, end = 0, size(file)
    while offset < end:
        offset += os.sendfile(target, file.fileno(), offset, end - offset)
