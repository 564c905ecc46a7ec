"""Runs the API on uvicorn, and has it leave without anybody noticing."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Sequence
from types import FrameType

import structlog
import uvicorn

from medvault.api.app import create_app
from medvault.api.connection import Config
from medvault.api.door import Door, limits
from medvault.api.problems import CLOSE
from medvault.bootstrap.api import Reception
from medvault.observability.probes import ProbeServer

KEEP_ALIVE = 75
"""Seconds; longer than load balancers keep idle connections, which would else be reset."""

LAST_ANSWERS = 10
"""Seconds for what is still being answered once nothing new is taken."""

_LOOK = 1.0

log = structlog.get_logger(__name__)


class Server(uvicorn.Server):
    """On SIGTERM it is not ready any more, and serves on until balancers have noticed.

    Meanwhile every answer closes its connection, so that few are left to be cut. Then, or at a
    second signal, it listens no more, answers what it has taken, and ends. Pages that are not for
    the internet, such as the metrics, have a port and a thread of their own.
    """

    def __init__(
        self, config: Config, reception: Reception, probes: tuple[str, int], drain_seconds: float
    ) -> None:
        super().__init__(config)
        self._door = config.door
        self._readiness = reception.readiness
        self._drain_seconds = drain_seconds
        self._until: float | None = None
        self._look_at = 0.0
        self._probes = self._probed(*probes)

    def _probed(self, host: str, port: int) -> ProbeServer | None:
        """Bind the probes' port; patients are served even where somebody else has it."""
        try:
            return ProbeServer(host, port, self._readiness)
        except OSError as error:
            log.error("probes can't listen", port=port, error=error)
            return None

    @property
    def probe_port(self) -> int | None:
        """The TCP port of /health, /ready and /metrics; None where it was taken."""
        return self._probes.port if self._probes else None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; only then somebody may be told that it is ready."""
        await super().startup(sockets)
        if self._probes:
            self._probes.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; the probes go last."""
        await super().shutdown(sockets)
        if self._probes:
            self._probes.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or end where that is cut short."""
        if self._until is not None or sig != signal.SIGTERM or not self._drain_seconds:
            super().handle_exit(sig, frame)
            return
        self._captured_signals.append(sig)
        self._until = time.monotonic() + self._drain_seconds
        self._readiness.drain()
        self.config.encoded_headers.append(CLOSE)
        log.info("drains", seconds=self._drain_seconds)

    def _log_started_message(self, listeners: Sequence[socket.SocketType]) -> None:
        """Say where it listens: the arguments of uvicorn's own line are left out."""
        for listener in listeners:
            host, port = listener.getsockname()[:2]
            log.info("listens", host=host, port=port)

    async def on_tick(self, counter: int) -> bool:
        """Say whether it is time to end; called ten times a second."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK
            self._door.look(asyncio.get_running_loop().time())
        if self._until is not None and now >= self._until:
            self.should_exit = True
        return await super().on_tick(counter)


def server(
    reception: Reception,
    address: tuple[str, int],
    probes: tuple[str, int],
    drain_seconds: float = 0,
) -> Server:
    """Make a server for two addresses, each host and port, that drains for so long at SIGTERM."""
    host, port = address
    config = Config(
        create_app(reception),
        Door(limits()),
        host=host,
        port=port,
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LAST_ANSWERS,
        backlog=4096,
    )
    return Server(config, reception, probes, drain_seconds)


def run(server: uvicorn.Server) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; both end the process with code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal once more, for this handler, when it has shut down.
        signal.signal(number, lambda *_: sys.exit(0))
    server.run()
