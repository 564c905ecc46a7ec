"""A client of clamd's INSTREAM and PING (clamd(8), "COMMANDS")."""

import contextlib
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from medvault.domain.errors import Transient, Unavailable
from medvault.domain.media import Verdict

DEFAULT_PORT = 3310
_CHECK_SECONDS = 1.0
_LONGEST_ANSWER = 4096
_LENGTH = struct.Struct("!I")
_NOT_LOOKED_INTO = (b"Heuristics.Limits.Exceeded", b"Heuristics.Encrypted")


class ClamdScanner:
    """Scans files; times are in seconds, `timeout` being that of a whole scan.

    The address is `tcp://host:port` or `unix:///path`; anything else raises ValueError.
    """

    def __init__(self, address: str, connect_timeout: float, timeout: float) -> None:
        parts = urlsplit(address)
        if not (
            (parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)
        ):
            raise ValueError("a scanner's address is tcp://host:port or unix:///path")
        self._path = parts.path if parts.scheme == "unix" else None
        self._endpoint = (parts.hostname or "", parts.port or DEFAULT_PORT)
        self._connect_timeout = connect_timeout
        self._timeout = timeout

    def scan(self, chunks: Iterable[bytes]) -> Verdict:
        """Judge a file: `CLEAN`, `INFECTED`, or `UNSCANNABLE` where clamd could not look inside.

        Raises `Unavailable` when there is no verdict, `Transient` when clamd failed at this file.
        """
        with self._connected(self._connect_timeout, self._timeout) as connection:
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
        with self._connected(_CHECK_SECONDS, _CHECK_SECONDS) as connection:
            connection.send(b"zPING\0")
            if connection.answer() != b"PONG":
                raise Unavailable("clamd")

    @contextlib.contextmanager
    def _connected(self, connect_timeout: float, timeout: float) -> Iterator["_Connection"]:
        deadline = time.monotonic() + timeout
        try:
            with self._connect(connect_timeout) as connection:
                yield _Connection(connection, deadline)
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


class _Connection:
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._socket = connection
        self._deadline = deadline

    def send(self, data: bytes) -> None:
        self._patience()
        self._socket.sendall(data)

    def answer(self) -> bytes:
        """One answer without its final NUL; b"" where the connection ended before it."""
        answer = b""
        while not answer.endswith(b"\0"):
            self._patience()
            piece = self._socket.recv(_LONGEST_ANSWER)
            if not piece or len(answer) > _LONGEST_ANSWER:
                return b""
            answer += piece
        return answer[:-1]

    def _patience(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


def _verdict(answer: bytes) -> Verdict:
    if answer == b"stream: OK":
        return Verdict.CLEAN
    if answer == b"INSTREAM size limit exceeded. ERROR":
        return Verdict.UNSCANNABLE
    if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
        signature = answer.removeprefix(b"stream: ")
        return Verdict.UNSCANNABLE if signature.startswith(_NOT_LOOKED_INTO) else Verdict.INFECTED
    if answer.startswith(b"stream: ") and answer.endswith(b" ERROR"):
        raise Transient("clamd failed at a file")
    raise Unavailable("clamd")
