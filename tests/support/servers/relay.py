"""A way to a server that can lose whoever is on it, as when another server takes over."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

_PIECE = 65_536


class Relay:
    """Passes connections on `port` to another port of this machine.

    Those that are stranded stay open and nothing moves on them any more, as if their server were
    frozen for ever; new ones get through.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._moving: list[socket.socket] = []
        self._stranded: list[socket.socket] = []

    def strand(self) -> int:
        """Lets nothing move any more on the connections there are; returns how many."""
        with self._lock:
            moving, self._moving = self._moving, []
            self._stranded += moving
        return len(moving) // 2

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="relay", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in (self._listener, *self._moving, *self._stranded):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._moving += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._move, args=ends, daemon=True).start()

    def _move(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                with self._lock:
                    if source not in self._moving:
                        return
                sink.sendall(piece)
            self._end(source, sink)

    def _end(self, source: socket.socket, sink: socket.socket) -> None:
        """Tells one side that the other has hung up, unless it is stranded."""
        with self._lock:
            if source not in self._moving:
                return
            sink.shutdown(socket.SHUT_WR)
