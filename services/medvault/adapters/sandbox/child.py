"""One child process: started, listened to and cleared away."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import BinaryIO, Self

from medvault.adapters.sandbox import wire
from medvault.adapters.sandbox.wire import Say
from medvault.domain.errors import OutOfTime, Transient, Unavailable
from medvault.observability.spending import spend, yields

# -I: neither PYTHON* variables nor the working directory decide what is imported.
PROGRAM = ("-I", "-m", "medvault.examine")

_STALL_SECONDS = 10.0
_LOOK_SECONDS = 0.005
_LEAST = 15
"""Niceness of a child for which others need not wait; it makes itself a little nicer still."""
_LONG = 0.5
"""CPU seconds that few files take; a child that did leaves the CPU to those that begin."""
_LESS = 12
"""Niceness of a child that takes long; one that begins weighs as much as five of them."""
_PIECE = 256 * 1024
_FROM_OUTSIDE = {
    -number
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
}


class Perished(Exception):
    """The file made its child crash, exceed a limit or talk nonsense."""


class Exhausted(Perished):
    """The file used up the CPU time of its child."""


class Child:
    """A context manager around `python -m medvault.examine`; nothing of it is left afterwards.

    The sealed file is its stdin. Its stdout is a socket, for sockets have time-outs.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        file: BinaryIO,
        cpu: float,
        copy: BinaryIO | None = None,
    ) -> None:
        """`cpu` is its limit, in seconds: a child that used that up was not killed by others.

        Into the `copy`, if there is one, it writes what a PDF's streams decode to.
        """
        self._copies = [] if copy is None else [copy.fileno()]
        arguments = [*arguments, *(f"--copy={copy}" for copy in self._copies)]
        self._arguments = arguments
        self._cpu = cpu
        self._file = file
        self._buffer = b""
        self._ready = False
        self._yields = yields()
        self._used = 0.0

    def __enter__(self) -> Self:
        try:
            self._socket, inherited = socket.socketpair()
            with inherited:
                self._process = _start(
                    self._arguments, self._file.fileno(), inherited.fileno(), self._copies
                )
        except OSError as error:
            raise Unavailable("sandbox") from error
        if self._yields:
            self._leave_cpu(_LEAST)
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

    def answer(self, seconds: float) -> tuple[Say, str]:
        """Return the child's answer on the file, at most `seconds` after it is shut in.

        Raises `Unavailable` where it can't be shut in, `Perished`, `OutOfTime`, or `Transient`
        where someone else killed it.
        """
        if self._line(_STALL_SECONDS)[0] is not Say.READY:
            raise Unavailable("sandbox")
        self._ready = True
        return self._line(seconds)

    def content(self, size: int) -> Iterator[bytes]:
        """The `size` bytes after an answer; raises as `answer` does if fewer come."""
        self._socket.settimeout(_STALL_SECONDS)
        while size > 0:
            piece = (self._buffer or self._receive())[:size]
            self._buffer = b""
            if not piece:
                raise self._end()
            size -= len(piece)
            yield piece

    def _line(self, seconds: float) -> tuple[Say, str]:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer[: wire.LONGEST]:
            if len(self._buffer) >= wire.LONGEST:
                raise Perished
            piece = self._receive_by(deadline)
            if not piece:
                raise self._end()
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\n")
        try:
            return wire.parse(text)
        except ValueError as error:
            raise Perished from error

    def _receive_by(self, deadline: float) -> bytes:
        while not self._yields and (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(max(min(left, _LONG / 4), 0.001))
            with contextlib.suppress(TimeoutError):
                return self._received()
            if self._computed() >= _LONG:
                self._yields = True
                self._leave_cpu(_LESS)
        self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
        return self._receive()

    def _computed(self) -> float:
        """The child's CPU seconds so far, by its own clock (clock_getcpuclockid(3))."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(~self._process.pid << 3 | 2)
        return 0.0

    def _leave_cpu(self, niceness: int) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, niceness)

    def _receive(self) -> bytes:
        try:
            return self._received()
        except TimeoutError as error:
            # How long it takes by the clock is the machine's doing, as far as anybody can tell.
            raise (OutOfTime() if self._ready else Unavailable("sandbox")) from error

    def _received(self) -> bytes:
        try:
            return self._socket.recv(_PIECE)
        except ConnectionError:
            return b""

    def _reap(self, options: int) -> bool:
        """Wait for the child's end, once, and tell what its work has cost."""
        if self._process.returncode is None:
            pid, status, usage = os.wait4(self._process.pid, options)
            if not pid:
                return False
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._used = usage.ru_utime + usage.ru_stime
            spend(self._used)
        return True

    def _end(self) -> Exception:
        if not self._ready:
            return Unavailable("sandbox")
        deadline = time.monotonic() + _STALL_SECONDS
        while not self._reap(os.WNOHANG):
            if time.monotonic() > deadline:
                return OutOfTime()
            time.sleep(_LOOK_SECONDS)
        if self._process.returncode in _FROM_OUTSIDE and self._used < self._cpu:
            return Transient("an examination was killed")
        out_of_cpu = self._process.returncode == -signal.SIGXCPU or self._used >= self._cpu
        return Exhausted() if out_of_cpu else Perished()


def _start(
    arguments: Sequence[str], stdin: int, stdout: int, others: Sequence[int]
) -> subprocess.Popen[bytes]:
    # A group to be ended as one, but no session: the kernel shares the CPU between sessions first,
    # and niceness counts only within one (sched(7), autogroup).
    return subprocess.Popen(  # noqa: S603 - every argument is our own
        [sys.executable, *PROGRAM, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,  # complaints of libraries may quote the file
        cwd="/",
        env=_environment(),
        process_group=0,
        pass_fds=others,
    )


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        # Each arena reserves address space, which the child's limit counts.
        "MALLOC_ARENA_MAX": "2",
    }
