"""Threads that reconcile: they take vaults from the queue and put them back for later."""

import logging
import threading
import time

from medvault_operator.kube.errors import ApiError
from medvault_operator.observability import metrics
from medvault_operator.observability.metrics import Outcome
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault.name import VaultName

PROGRESS_SECONDS = 5.0
"""How soon a vault on its way is looked at again: troubles of pods cause no event of a child."""

log = logging.getLogger(__name__)


class Workers:
    """A few threads; a vault is with one of them at a time."""

    def __init__(self, queue: WorkQueue, reconciler: Reconciler, count: int = 2) -> None:
        self._queue = queue
        self._reconciler = reconciler
        self._threads = [
            threading.Thread(target=self._run, name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin to take vaults."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more, and give what is being done so many seconds to end."""
        self._queue.close()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(deadline - time.monotonic(), 0))

    def _run(self) -> None:
        while (name := self._queue.take()) is not None:
            started = time.monotonic()
            outcome = self._reconcile(name)
            metrics.reconcile_seconds[outcome].observe(time.monotonic() - started)
            self._settle(name, outcome)

    def _reconcile(self, name: VaultName) -> Outcome:
        try:
            return self._reconciler.reconcile(name)
        except ApiError as error:
            log.warning("A vault must wait.", extra=_named(name) | {"reason": error.reason})
            return Outcome.AWAY
        except Exception:
            log.exception("A vault could not be reconciled.", extra=_named(name))
            return Outcome.ERROR

    def _settle(self, name: VaultName, outcome: Outcome) -> None:
        match outcome:
            case Outcome.GONE:
                self._queue.gone(name)
            case Outcome.SETTLED | Outcome.PAUSED:
                self._queue.done(name)
            case Outcome.PROGRESSING:
                self._queue.done(name, again=PROGRESS_SECONDS)
            case _:
                self._queue.failed(name)


def _named(name: VaultName) -> dict[str, str]:
    return {"vault": name.name, "namespace": name.namespace}
