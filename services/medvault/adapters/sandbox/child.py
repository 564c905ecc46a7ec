"""One child process: started, fed, listened to and cleared away."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from medvault.adapters.sandbox import wire
from medvault.domain.errors import Transient, Unavailable
from medvault.domain.media import MAX_BYTES
from medvault.observability.spending import spend, yields

_STALL_SECONDS = 10.0
_LOOK_SECONDS = 0.005
_LEAST = 15
"""Niceness of a child for which others need not wait; it makes itself a little nicer still."""
_PIECE = 256 * 1024
_FROM_OUTSIDE = {
    -number
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
}


class TooLarge(Exception):
    """More than `MAX_BYTES` came."""


class Perished(Exception):
    """The file made its child crash, exceed a limit or never end."""


class Child:
    """A context manager around `python -m medvault.examine`; nothing of it is left afterwards.

    Its stdin and stdout are one socket, for sockets have time-outs where pipes have none.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._buffer = b""
        self._received = False

    def __enter__(self) -> Self:
        try:
            self._socket, inherited = socket.socketpair()
            with inherited:
                self._process = _start(self._arguments, inherited.fileno())
        except OSError as error:
            raise Unavailable("sandbox") from error
        if yields():
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _LEAST)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._reap(0)

    def feed(self, chunks: Iterable[bytes]) -> None:
        """Hand over the file; raises `TooLarge`, or `Unavailable` where the child takes nothing."""
        size = 0
        self._socket.settimeout(_STALL_SECONDS)
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge
            self._send(chunk)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        if self._line(time.monotonic() + _STALL_SECONDS) != {wire.RECEIVED: size}:
            raise Unavailable("sandbox")
        self._received = True

    def answer(self, seconds: float) -> dict[str, str | int]:
        """What the child makes of the file.

        Raises `Perished`, or `Transient` where someone else killed the child.
        """
        return self._line(time.monotonic() + seconds)

    def content(self, size: int) -> Iterator[bytes]:
        """The `size` bytes after an answer; raises as `answer` does if fewer come."""
        self._socket.settimeout(_STALL_SECONDS)
        while size > 0:
            piece = self._buffer or self._receive()
            self._buffer = b""
            if not piece:
                raise self._end()
            size -= len(piece)
            yield piece

    def _send(self, chunk: bytes) -> None:
        try:
            self._socket.sendall(chunk)
        except OSError as error:
            raise Unavailable("sandbox") from error

    def _line(self, deadline: float) -> dict[str, str | int]:
        while b"\n" not in self._buffer:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = self._receive()
            if not piece:
                raise self._end()
            self._buffer += piece
            if len(self._buffer) > _PIECE:
                raise Perished
        text, _, self._buffer = self._buffer.partition(b"\n")
        try:
            return wire.parse(text)
        except ValueError as error:
            raise Perished from error

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(_PIECE)
        except TimeoutError as error:
            raise (Perished() if self._received else Unavailable("sandbox")) from error
        except ConnectionError:
            return b""

    def _reap(self, options: int) -> bool:
        """Wait for the child's end, once, and tell what its work has cost."""
        if self._process.returncode is None:
            pid, status, usage = os.wait4(self._process.pid, options)
            if not pid:
                return False
            self._process.returncode = os.waitstatus_to_exitcode(status)
            spend(usage.ru_utime + usage.ru_stime)
        return True

    def _end(self) -> Exception:
        if not self._received:
            return Unavailable("sandbox")
        deadline = time.monotonic() + _STALL_SECONDS
        while not self._reap(os.WNOHANG):
            if time.monotonic() > deadline:
                return Perished()
            time.sleep(_LOOK_SECONDS)
        if self._process.returncode in _FROM_OUTSIDE:
            return Transient("an examination was killed")
        return Perished()


def _start(arguments: Sequence[str], stdio: int) -> subprocess.Popen[bytes]:
    # -I: neither PYTHON* variables nor the working directory decide what is imported.
    return subprocess.Popen(  # noqa: S603 - every argument is our own
        [sys.executable, "-I", "-m", "medvault.examine", *arguments],
        stdin=stdio,
        stdout=stdio,
        stderr=subprocess.DEVNULL,  # what libraries complain of may quote the file
        cwd="/",
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        # Each arena reserves address space, which the child's limit counts.
        "MALLOC_ARENA_MAX": "2",
    }
