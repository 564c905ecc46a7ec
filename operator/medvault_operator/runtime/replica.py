"""One replica of the operator: it stands by, leads, and ends."""

import logging
import signal
import threading
from datetime import UTC, datetime

from medvault_operator.kube.cached import Cached
from medvault_operator.kube.client import Connection, KubernetesApi
from medvault_operator.kube.fence import Fenced
from medvault_operator.kube.kinds import WATCHED
from medvault_operator.observability import metrics
from medvault_operator.observability.probes import Health, ProbeServer
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.reconciler import Reconciler
from medvault_operator.runtime.election import RENEW_WITHIN, Candidate, Election
from medvault_operator.runtime.lease import Lease
from medvault_operator.runtime.resync import Resync
from medvault_operator.runtime.settings import Settings
from medvault_operator.runtime.watch import Watch
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.runtime.workers import Workers
from medvault_operator.vault.installation import Installation

STUCK_SECONDS = 120.0
"""A reconcile that lasts longer hangs: each of its calls has a time limit."""
FINISH_SECONDS = 5.0

log = logging.getLogger(__name__)


class Replica:
    """Everything that runs in one process; vaults are looked after only while it leads."""

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self._candidate = Candidate(
            KubernetesApi(connection, seconds=4),
            Lease(settings.namespace, settings.lease_name),
            f"{settings.identity}_{datetime.now(UTC):%Y%m%dT%H%M%S}",
        )
        self._election = Election(self._candidate, self._lead, self._lose)
        api = Cached(Fenced(KubernetesApi(connection), self._candidate.leading), WATCHED)
        installation = Installation(
            settings.services_image, settings.network, settings.external_metrics
        )
        checks = IdentityChecks()
        observer = Observer(api, checks)
        reconciler = Reconciler(api, observer, Actor(checks), installation)
        namespaces = settings.watch_namespaces
        self._queue = WorkQueue()
        self._workers = Workers(self._queue, reconciler)
        self._resync = Resync(api, self._queue, namespaces)
        self._watch = Watch(self._queue, api, self._resync.served, self._resync.seen)
        self._probes = ProbeServer(settings.host, settings.port, self.health, self.ready)
        self._threads: tuple[threading.Thread, ...] = (self._election,)
        self._ended = threading.Event()
        self._lost = False
        metrics.queue_depth.set_function(self._queue.depth)

    def run(self) -> int:
        """Run until SIGTERM, SIGINT or the loss of the Lease; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())
        self._probes.start()
        log.info("Waiting for the Lease.", extra={"identity": self._candidate.identity})
        self._election.start()
        self._ended.wait()
        if self._lost:
            return 1
        self._stop()
        return 0

    def health(self) -> Health:
        """Tell whether everything in this process still moves."""
        busy, silent = self._queue.longest_busy(), self._watch.silent_for()
        alive = all(thread.is_alive() for thread in self._threads)
        well = alive and max(busy, silent) < STUCK_SECONDS
        return Health(
            well,
            {
                "status": "ok" if well else "stuck",
                "reconcile_seconds": round(busy, 1),
                "event_loop_seconds": round(silent, 1),
            },
        )

    def ready(self) -> Health:
        """Tell whether this replica does its part: leading, or fit to take over."""
        answered = self._candidate.silent_for() < RENEW_WITHIN
        leads = self._candidate.leading()
        served = self._resync.served.is_set()
        well = answered and not self._ended.is_set() and (served or not leads)
        return Health(
            well,
            {
                "ready": well,
                "leader": leads,
                "api": "up" if answered else f"away: {self._candidate.complaint}",
                "vaults": "served" if served else "not served" if leads else "not looked at",
                "unseen": list(self._resync.unseen),
            },
        )

    def _lead(self) -> None:
        metrics.leader.set(1)
        log.info("This replica leads.")
        self._workers.start()
        self._resync.start()
        self._watch.start()
        self._threads = (self._election, self._resync, self._watch)

    def _lose(self) -> None:
        """End at once: nothing is written any more, and another replica may lead already."""
        metrics.leader.set(0)
        log.error("The Lease is lost. This process ends, and stands by again once it is restarted.")
        self._lost = True
        self._ended.set()

    def _stop(self) -> None:
        log.info("Asked to end.")
        self._watch.stop()
        self._resync.stop()
        self._workers.stop(FINISH_SECONDS)
        self._election.stop()
        self._probes.stop()
