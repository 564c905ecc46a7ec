"""A file in memory only: a report's plaintext never touches a disk."""

import fcntl
import os
from typing import BinaryIO

_PIECE = 1024 * 1024
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


def create() -> BinaryIO:
    """An empty file that has no name anywhere and goes with this process."""
    return os.fdopen(os.memfd_create("report", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")


def fill(source: int) -> BinaryIO:
    """Copy a descriptor up to its end into a file that nobody can change any more."""
    file = create()
    while piece := os.read(source, _PIECE):
        file.write(piece)
    file.flush()
    fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _SEALS)
    file.seek(0)
    return file


def size(file: BinaryIO) -> int:
    """Bytes in the file."""
    return os.fstat(file.fileno()).st_size


def drain(file: BinaryIO, target: int) -> None:
    """Write the whole file to a descriptor."""
    offset, end = 0, size(file)
    while offset < end:
        offset += os.sendfile(target, file.fileno(), offset, end - offset)
