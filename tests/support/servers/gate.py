"""A TCP gate before a server: connections pass, or are turned away, or wait for ever."""

import socket
import threading
from contextlib import suppress

from support.servers.machine import free_port

_CHUNK = 65_536


class Gate:
    """Listens on `url`; connections that pass go to the server on `port` of this machine."""

    def __init__(self) -> None:
        self._own = ("127.0.0.1", free_port())
        self.url = f"http://127.0.0.1:{self._own[1]}"
        self.port = 0
        self._passing = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None

    def open(self) -> None:
        """Lets all new connections pass, and cuts off those that waited."""
        self._cut()
        self._passing.set()
        self._listen()

    def close(self) -> None:
        """Refuses connections, and cuts off those that stand."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self._cut()

    def swallow(self) -> None:
        """Takes whatever comes, on connections that stand as well, and passes on none of it."""
        self._passing.clear()
        self._listen()

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(self._own, backlog=256)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                self._sockets |= {client, server}
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if self._passing.is_set():
                    sink.sendall(data)
        self._drop(source, sink)

    def _cut(self) -> None:
        self._drop(*self._sockets)

    def _drop(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
            self._sockets.discard(one)
