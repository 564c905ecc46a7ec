"""A client of clamd's INSTREAM and PING (clamd(8), "COMMANDS")."""

import contextlib
import math
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from typing_extensions import override

from medvault.domain.errors import PutOff, ScanOverran, Transient, Unavailable
from medvault.domain.media import Verdict
from medvault.ports import MayTakeLong, Scanner, always

Result = TypeVar("Result")
DEFAULT_PORT = 3310
_CHECK_SECONDS = 1.0
_LONGEST_ANSWER = 4096
_LENGTH = struct.Struct("!I")
_OUT_OF_TIME = b"Heuristics.Limits.Exceeded.MaxScanTime"
_NOT_LOOKED_INTO = (b"Heuristics.Limits.Exceeded", b"Heuristics.Encrypted")


class ClamdScanner(Scanner):
    """Scans files; times are in seconds, `timeout` being that of a whole scan.

    One that goes on after `quick` takes long. The address is `tcp://host:port` or `unix:///path`;
    anything else raises ValueError.
    """

    def __init__(
        self, address: str, connect_timeout: float, timeout: float, quick: float = math.inf
    ) -> None:
        parts = urlsplit(address)
        if not (
            (parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)
        ):
            raise ValueError("a scanner's address is tcp://host:port or unix:///path")
        self._path = parts.path if parts.scheme == "unix" else None
        self._endpoint = (parts.hostname or "", parts.port or DEFAULT_PORT)
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._quick = quick

    @override
    def scan(self, chunks: Iterable[bytes], may_take_long: MayTakeLong = always) -> Verdict:
        """Judge a file: `CLEAN`, `INFECTED`, or `UNSCANNABLE` where clamd could not look inside.

        Raises `Unavailable` when there is no verdict, `Transient` when clamd failed at this file.
        Where clamd answers PING but not about the file, raises `PutOff` once it takes long and may
        not, and `ScanOverran` in the end.
        """

        def go_on() -> None:
            self.check()
            if not may_take_long():
                raise PutOff

        try:
            return self._scanned(chunks, go_on)
        except _TimeIsUp:
            self.check()
            raise ScanOverran from None

    def _scanned(self, chunks: Iterable[bytes], go_on: Callable[[], None]) -> Verdict:
        with self._connected(self._connect_timeout, self._timeout) as connection:
            connection.ask_after(self._quick, go_on)
            # Past its StreamMaxLength clamd answers and hangs up while we are still sending.
            with contextlib.suppress(ConnectionError):
                connection.send(b"zINSTREAM\0")
                for chunk in chunks:
                    if chunk:
                        connection.send(_LENGTH.pack(len(chunk)) + chunk)
                connection.send(_LENGTH.pack(0))
            return _verdict(connection.answer())

    def check(self) -> None:
        """Raise `Unavailable` unless PING is answered within a second."""
        try:
            with self._connected(_CHECK_SECONDS, _CHECK_SECONDS) as connection:
                connection.send(b"zPING\0")
                if connection.answer() != b"PONG":
                    raise Unavailable("clamd")
        except _TimeIsUp:
            raise Unavailable("clamd") from None

    @contextlib.contextmanager
    def _connected(self, connect_timeout: float, timeout: float) -> Iterator["_Connection"]:
        began = time.monotonic()
        try:
            with self._connect(connect_timeout) as connection:
                yield _Connection(connection, began, timeout)
        except OSError as error:
            raise Unavailable("clamd") from error

    def _connect(self, timeout: float) -> socket.socket:
        if self._path is None:
            return socket.create_connection(self._endpoint, timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection


class _TimeIsUp(Exception):
    """A connection has had its time."""


class _Connection:
    """Times are in seconds since `began`."""

    def __init__(self, connection: socket.socket, began: float, timeout: float) -> None:
        self._socket = connection
        self._began = began
        self._timeout = timeout
        self._quick = math.inf
        self._go_on: Callable[[], None] = lambda: None

    def ask_after(self, quick: float, go_on: Callable[[], None]) -> None:
        """Call `go_on` once the scan has taken that long; an exception of it ends the scan."""
        self._quick, self._go_on = quick, go_on

    def send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._waited(partial(self._socket.send, left)) :]

    def answer(self) -> bytes:
        """One answer without its final NUL; b"" where the connection ended before it."""
        answer = b""
        while not answer.endswith(b"\0"):
            piece = self._waited(partial(self._socket.recv, _LONGEST_ANSWER))
            if not piece or len(answer) > _LONGEST_ANSWER:
                return b""
            answer += piece
        return answer[:-1]

    def _waited(self, call: Callable[[], Result]) -> Result:
        while True:
            self._socket.settimeout(self._patience())
            with contextlib.suppress(TimeoutError):
                return call()

    def _patience(self) -> float:
        """Return for how long nothing has to be asked; raises `_TimeIsUp`."""
        took = time.monotonic() - self._began
        if took >= self._timeout:
            raise _TimeIsUp
        if took >= self._quick:
            self._quick = math.inf
            self._go_on()
        return max(min(self._quick, self._timeout) - took, 0.001)


def _verdict(answer: bytes) -> Verdict:
    if answer == b"stream: OK":
        return Verdict.CLEAN
    if answer == b"INSTREAM size limit exceeded. ERROR":
        return Verdict.UNSCANNABLE
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        signature = answer.removeprefix(b"stream: ")
        if signature.startswith(_OUT_OF_TIME):
            raise ScanOverran
        return Verdict.UNSCANNABLE if signature.startswith(_NOT_LOOKED_INTO) else Verdict.INFECTED
    if answer.startswith(b"stream: ") and answer.endswith(b" ERROR"):
        raise Transient("clamd failed at a file")
    raise Unavailable("clamd")
