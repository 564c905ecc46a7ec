"""How long a server is waited for in all, however little it sends at a time."""

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

SILENCE = 20.0
"""Seconds until the next byte."""
ANSWER = 30.0
"""Seconds of waiting for all of an answer, its head included."""


class _Allowed(threading.local):
    more = 0.0


_allowed = _Allowed()


@contextmanager
def patience(more: float) -> Iterator[None]:
    """Wait so many seconds longer for answers that begin within the block, in this thread."""
    _allowed.more = more
    try:
        yield
    finally:
        _allowed.more = 0.0


class _Awaited(io.RawIOBase):
    """The answer's side of a socket; raises `TimeoutError` once all patience is spent.

    Only waiting counts: the reader's work in between is its own time. A socket's time-out is for
    each read, so a byte now and then would keep it waiting for ever.
    """

    def __init__(self, raw: Any, connection: socket.socket) -> None:
        self._raw = raw
        self._connection = connection
        self._left = ANSWER + _allowed.more

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def readinto(self, buffer: Any) -> int | None:
        if self._left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(self._left, SILENCE))
        began = time.monotonic()
        try:
            count: int | None = self._raw.readinto(buffer)
        finally:
            self._left -= time.monotonic() - began
        return count

    def close(self) -> None:
        super().close()
        self._raw.close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp = io.BufferedReader(_Awaited(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class PatientPool(PoolManager):
    """Connections that are kept open; `patience` bounds what is waited for on them."""

    _by_scheme: ClassVar[dict[str, type[HTTPConnectionPool]]] = {
        "http": _Pool,
        "https": _SecurePool,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.pool_classes_by_scheme = self._by_scheme
