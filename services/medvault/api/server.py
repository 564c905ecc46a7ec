"""Runs the API on uvicorn, and has it leave without anybody noticing."""

import signal
import socket
import sys
import time
from collections.abc import Sequence
from types import FrameType

import structlog
import uvicorn

from medvault.api.app import create_app
from medvault.bootstrap import Reception

KEEP_ALIVE = 75
"""Seconds; longer than load balancers keep idle connections, which would else be reset."""

LAST_ANSWERS = 10
"""Seconds for what is still being answered once nothing new is taken."""

_CLOSE = (b"connection", b"close")

log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """On SIGTERM it is not ready any more, and serves on until balancers have noticed.

    Meanwhile every answer closes its connection, so that few are left to be cut. Then, or at a
    second signal, it listens no more, answers what it has taken, and ends.
    """

    def __init__(self, config: uvicorn.Config, reception: Reception, drain_seconds: float) -> None:
        super().__init__(config)
        self._readiness = reception.readiness
        self._drain_seconds = drain_seconds
        self._until: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or end where that is cut short."""
        if self._until is not None or sig != signal.SIGTERM or not self._drain_seconds:
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)
        self._until = time.monotonic() + self._drain_seconds
        self._readiness.drain()
        self.config.encoded_headers.append(_CLOSE)
        log.info("drains", seconds=self._drain_seconds)

    def _log_started_message(self, listeners: Sequence[socket.SocketType]) -> None:
        """Say where it listens: of uvicorn's own line the arguments are left out."""
        for listener in listeners:
            host, port = listener.getsockname()[:2]
            log.info("listens", host=host, port=port)

    async def on_tick(self, counter: int) -> bool:
        """Say whether it is time to end; called ten times a second."""
        if self._until is not None and time.monotonic() >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)


def server(reception: Reception, host: str, port: int, drain_seconds: float = 0) -> Server:
    """Make a server that drains for so long at SIGTERM."""
    config = uvicorn.Config(
        create_app(reception),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LAST_ANSWERS,
        backlog=4096,
    )
    return Server(config, reception, drain_seconds)


def run(server: uvicorn.Server) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; both end the process with code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal once more, for this handler, when it has shut down.
        signal.signal(number, lambda *_: sys.exit(0))
    server.run()
