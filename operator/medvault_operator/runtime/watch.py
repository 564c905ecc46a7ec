"""kopf in a thread and an event loop of its own, started again whenever it ends by itself.

kopf ends when one of its streams is refused, and cancels every task of its loop. `kopf.operator`
does not always come back from that: other streams wait for a new login that nobody makes any more.
So its tasks are awaited here, and the loop is left as soon as one of them has ended. The resync
loop goes on meanwhile, so vaults are looked after all the same, only later.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import kopf

from medvault_operator.kube.cached import Cached
from medvault_operator.kube.kinds import WATCHED
from medvault_operator.observability import metrics
from medvault_operator.runtime.events import registry
from medvault_operator.runtime.schedule import backoff
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault import labels

_STEADY_SECONDS = 60.0
_LEAVE_SECONDS = 5.0
_RETRIES = (1, 1, 2)
"""Seconds between kopf's tries of a request; then it ends, and is started again after a while."""
_PROVEN_SECONDS = 10.0
"""kopf says that it is ready before its streams are open; one that is refused ends it sooner."""

_IDENTITY: Any = "medvault-operator"
"""Peers would know each other by it; else kopf asks for the account's name, which may have none."""

log = logging.getLogger(__name__)


class Watch(threading.Thread):
    """Tells a queue and a cache what happens in the cluster, once vaults are `served`.

    `seen` gives the namespaces that can be watched, none for the whole cluster: one that is refused
    would end all streams, so they are opened again when the list changes.
    """

    def __init__(
        self,
        queue: WorkQueue,
        cached: Cached,
        served: threading.Event,
        seen: Callable[[], tuple[str, ...]],
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._queue = queue
        self._cached = cached
        self._served = served
        self._seen = seen
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._beat = time.monotonic()

    def run(self) -> None:
        """Watch until told to stop."""
        failures = 0
        while not self._stopped.is_set():
            self._served.wait(1.0)
            if not self._served.is_set():
                continue
            began = time.monotonic()
            self._watch()
            failures = 1 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
            self._stopped.wait(backoff(failures))

    def stop(self) -> None:
        """Watch no more; returns at once."""
        self._stopped.set()
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(stop.set)

    def silent_for(self) -> float:
        """Return for how many seconds the event loop has not come round; 0 while none runs."""
        return 0.0 if self._loop is None else time.monotonic() - self._beat

    def _watch(self) -> None:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._operate())
        except Exception:
            log.exception("Events of the cluster stay out; it is asked every 20 seconds instead.")
        finally:
            self._loop = self._stop = None
            metrics.watching.set(0)
            _leave(loop)

    async def _operate(self) -> None:
        self._beat = time.monotonic()
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._stopped.is_set():
            return
        ready = asyncio.Event()
        namespaces = self._seen()
        pulse = asyncio.create_task(self._pulse(ready, namespaces))
        tasks = await kopf.spawn_tasks(
            registry=registry(self._queue, self._cached.changed),
            settings=_settings(),
            standalone=True,
            identity=_IDENTITY,
            clusterwide=not namespaces,
            namespaces=namespaces,
            stop_flag=self._stop,
            ready_flag=ready,
        )
        ended, _ = await asyncio.wait({*tasks, pulse}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()

    async def _pulse(self, ready: asyncio.Event, namespaces: tuple[str, ...]) -> None:
        began = time.monotonic()
        while self._seen() == namespaces:
            self._beat = time.monotonic()
            proven = ready.is_set() and self._beat - began > _PROVEN_SECONDS
            metrics.watching.set(proven)
            if proven:
                self._cached.vouch()
            await asyncio.sleep(1)


def _leave(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left in a loop, and don't wait for long: some of kopf's tasks never end."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=_LEAVE_SECONDS))
    loop.close()


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None
    settings.networking.error_backoffs = _RETRIES
    settings.networking.connect_timeout = 5
    settings.networking.request_timeout = 30
    for kind in WATCHED:
        selected = (kind.group, kind.version, kind.plural)
        settings.watching.label_selectors[selected] = f"{labels.MANAGED_BY}={labels.MANAGER}"
    return settings
