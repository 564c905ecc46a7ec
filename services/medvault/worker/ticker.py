"""The tick that every worker process gives once a second."""

import threading

import structlog

from medvault.application.maintenance import Maintenance

SECONDS = 1.0

log = structlog.get_logger(__name__)


class Ticker:
    """Runs maintenance in a thread of its own; a tick that fails is tried again with the next."""

    def __init__(self, maintenance: Maintenance) -> None:
        self._maintenance = maintenance
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        """Start ticking."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the tick that runs."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.wait(SECONDS):
            try:
                self._maintenance.tick()
            except Exception as error:  # noqa: BLE001 - the next tick is a second away
                log.warning("tick failed", error=type(error).__name__)
