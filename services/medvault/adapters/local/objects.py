"""Sealed files in a folder."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from typing_extensions import override

from medvault.domain.errors import MissingObject, Transient, Unavailable
from medvault.ports import ObjectStore

CHUNK_BYTES = 256 * 1024

_KEY = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
_PREFIX = re.compile(r"([a-z0-9-]+/)*[a-z0-9-]*")
_UNFINISHED = ".part"


class FolderObjectStore(ObjectStore):
    """Fulfils `ObjectStore` with one file a key: files of mode 0600, folders of mode 0700.

    A file appears whole by a rename, after it is on the disk, and is never written to again. Files
    that a crash left half written are removed at the start, so one process owns the folder. A key
    can't also be the folder of another; a text that is no key is a ValueError.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.parent.mkdir(parents=True, exist_ok=True)
        root.mkdir(mode=0o700, exist_ok=True)
        for leftover in root.rglob(f".*{_UNFINISHED}"):
            leftover.unlink(missing_ok=True)

    @override
    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        target = self._path(key)
        unfinished = target.with_name(f".{secrets.token_hex(8)}{_UNFINISHED}")
        with _answering():
            self._make_folder(target.parent)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
        try:
            try:
                _write(descriptor, chunks, size)
            finally:
                os.close(descriptor)
            with _answering():
                unfinished.replace(target)
                _sync_folder(target.parent)
        finally:
            unfinished.unlink(missing_ok=True)

    @override
    @contextmanager
    def get(self, key: str) -> Iterator[Iterator[bytes]]:
        with self._open(key) as file:
            yield _read(file)

    @override
    def copy(self, source: str, target: str) -> None:
        """Copy within the folder, replacing `target`; raises `MissingObject`.

        The bytes are copied: not every file system that a laptop mounts has links.
        """
        with self._open(source) as file:
            self.put(target, _read(file), os.fstat(file.fileno()).st_size)

    @override
    def delete(self, key: str) -> None:
        path = self._path(key)
        with _answering():
            try:
                path.unlink()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                return
            _sync_folder(path.parent)

    @override
    def keys(self, prefix: str) -> Iterator[str]:
        if not _PREFIX.fullmatch(prefix):
            message = "not the start of an object's key"
            raise ValueError(message)
        folder = self._root / prefix.rpartition("/")[0]
        found = (
            (Path(at) / name).relative_to(self._root).as_posix()
            for at, _, names in os.walk(folder)
            for name in names
            if not name.startswith(".")
        )
        yield from sorted(key for key in found if key.startswith(prefix))

    @override
    def check(self) -> None:
        """Raise `Unavailable` if the folder can't be written to."""
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise Unavailable("storage")

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            message = "not an object's key: names of a-z, 0-9 and - between slashes"
            raise ValueError(message)
        return self._root / key

    def _open(self, key: str) -> BinaryIO:
        path = self._path(key)
        with _answering():
            try:
                return path.open("rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                message = f"the storage folder has no object {key}"
                raise MissingObject(message) from None

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("storage") from error


def _write(descriptor: int, chunks: Iterable[bytes], size: int) -> None:
    written = 0
    for chunk in chunks:
        written += len(chunk)
        if written > size:
            break
        rest = memoryview(chunk)
        with _answering():
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    if written != size:
        message = "the bytes to store are not as many as was said"
        raise Transient(message)
    with _answering():
        os.fsync(descriptor)


def _read(file: BinaryIO) -> Iterator[bytes]:
    with _answering():
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
