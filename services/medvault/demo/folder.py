"""The demo's folder: its owner's only, and one demo's at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medvault.domain.errors import Permanent


class FolderUnusable(Permanent):
    """The demo can't keep its data there; the text says what to do."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder if it is missing and hold it; the system lets it go when a demo is killed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        why = (error.strerror or "refused").lower()
        raise FolderUnusable(
            f"{folder} can't be used ({why}): choose another folder with --data."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderUnusable(
                f"Another demo runs on {folder}: end it, or choose another folder with --data."
            ) from None
        yield
