"""A clamd that answers PING at once, and about some files only after a while."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import BinaryIO, Self

from support.servers.clamd import Clamd

SLOW = b"takes long to scan"
"""In a file, has its answer wait until all are let go."""


class SlowClamd:
    """Stands before a real clamd; listens on `address`, host:port."""

    def __init__(self, clamd: Clamd) -> None:
        self._clamd = clamd
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.slow = SLOW
        self.waiting = threading.Semaphore(0)
        self._let_go = threading.Event()

    def let_go(self) -> None:
        """Answers about all files, from now on at once."""
        self._let_go.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="slow clamd", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.let_go()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as asking, contextlib.suppress(OSError):
            asked = _command(asking)
            if self.slow in asked:
                self.waiting.release()
                self._let_go.wait()
            with socket.create_connection((self._clamd.host, self._clamd.port)) as server:
                server.sendall(asked)
                client.sendall(server.recv(4096))


def _command(asking: BinaryIO) -> bytes:
    """A whole command, with its file."""
    asked = asking.read(len(b"zPING\0"))
    if asked == b"zPING\0":
        return asked
    asked += asking.read(len(b"zINSTREAM\0") - len(asked))
    while True:
        length = asking.read(4)
        size = int.from_bytes(length, "big")
        asked += length + asking.read(size)
        if not size:
            return asked
