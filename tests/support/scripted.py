"""A server that reads what it is sent and answers what it was told to."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Script:
    """One answer for the one connection that comes.

    `after` is how many bytes are read before it, None being all up to a final zero length;
    `hang` keeps the connection open and silent instead of closing it.
    """

    answer: bytes
    after: int | None = None
    hang: bool = False
    address: str = ""
    heard: bytearray = field(default_factory=bytearray)


@contextlib.contextmanager
def serving(script: Script, listener: socket.socket | None = None) -> Iterator[Script]:
    """Runs the script on loopback, or on a listener."""
    server = listener or socket.create_server(("127.0.0.1", 0))
    if listener is None:
        script.address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    done = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, script, done))
    thread.start()
    try:
        yield script
    finally:
        done.set()
        thread.join()
        server.close()


def _serve(server: socket.socket, script: Script, done: threading.Event) -> None:
    server.settimeout(5)
    connection, _ = server.accept()
    with connection:
        connection.settimeout(5)
        while not _enough(script):
            piece = connection.recv(65_536 if script.after is None else script.after)
            if not piece:
                break
            script.heard += piece
        with contextlib.suppress(ConnectionError):
            connection.sendall(script.answer)
        if script.hang:
            done.wait(10)


def _enough(script: Script) -> bool:
    if script.after is not None:
        return len(script.heard) >= script.after
    return script.heard == b"zPING\0" or script.heard.endswith(bytes(4))
