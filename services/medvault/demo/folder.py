"""The demo's folder: its owner's only, and one demo's at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from medvault.domain.errors import Permanent

_LOCK = "lock"
_OTHERS = 0o077
"""The rights of the group and of everybody else."""


class FolderUnusable(Permanent):
    """The demo can't keep its data there; the text says what to do."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder if it is missing and hold it; the system lets it go when a demo is killed.

    Nobody else may enter it, or read what is made while it is held, even where it was there
    before. A folder of other things is refused: its owner may want others to enter.
    """
    before = os.umask(_OTHERS)
    try:
        with ExitStack() as stack:
            _prepare(folder, stack)
            yield
    finally:
        os.umask(before)


def _prepare(folder: Path, stack: ExitStack) -> None:
    """Make and lock it; raises `FolderUnusable`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _LOCK).exists():
            raise FolderUnusable(
                f"{folder} holds other things than a demo's: choose another folder with --data."
            )
        lock = stack.enter_context((folder / _LOCK).open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _close_to_others(folder)
    except BlockingIOError:
        raise FolderUnusable(
            f"Another demo runs on {folder}: end it, or choose another folder with --data."
        ) from None
    except OSError as error:
        why = (error.strerror or "refused").lower()
        raise FolderUnusable(
            f"{folder} can't be used ({why}): choose another folder with --data."
        ) from None


def _close_to_others(folder: Path) -> None:
    """Take from others what an earlier version left them, of the folder and of what lies in it."""
    for path in (folder, *folder.iterdir()):
        mode = path.lstat().st_mode
        if mode & _OTHERS and not path.is_symlink():
            path.chmod(mode & 0o7777 & ~_OTHERS)
