"""Around every worker: its connection to the broker, its probes, its tick and a clean end."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

import structlog
from celery import Celery

from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.application.maintenance import Maintenance
from medvault.bootstrap.foundation import Foundation, secret
from medvault.observability.health import Readiness
from medvault.observability.probes import Page, ProbeServer
from medvault.ports import Check
from medvault.settings import Settings
from medvault.worker.app import make_app
from medvault.worker.batching import BatchQueue
from medvault.worker.consuming import Consuming
from medvault.worker.ticker import Ticker

log = structlog.get_logger(__name__)


def make_worker(
    settings: Settings, consuming: Consuming, steps: Sequence[BatchQueue] = ()
) -> Celery:
    """Build the Celery application of a worker that batches by these steps."""
    broker = secret(settings.broker_url)
    return make_app(broker, settings.broker_prefix, steps, consuming=consuming)


@contextmanager
def publishing(settings: Settings) -> Iterator[ThreadedPublisher]:
    """Keep a connection to the broker for wake-ups within the block."""
    publisher = ThreadedPublisher(secret(settings.broker_url), settings.broker_prefix)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop()


@contextmanager
def serving(
    base: Foundation,
    waker: ThreadedPublisher,
    maintenance: Maintenance,
    checks: dict[str, Check],
    optional: "set[str] | frozenset[str]" = frozenset(),
    notes: Mapping[str, Callable[[], str]] = MappingProxyType({}),
    pages: Mapping[str, Page] = MappingProxyType({}),
) -> Iterator[Consuming]:
    """Answer probes and tick while the worker runs, which tells whether it consumes."""
    base.require_schema()
    settings, consuming = base.settings, Consuming()

    def check_broker() -> None:
        waker.check()
        consuming.check()

    readiness = Readiness(
        {"database": base.database.check, "broker": check_broker, **checks},
        optional=optional,
        notes=notes,
    )
    probes = ProbeServer(settings.probe_host, settings.probe_port, readiness, pages=pages)
    ticker = Ticker(maintenance)
    probes.start()
    log.info("probes listen", host=settings.probe_host, port=probes.port)
    ticker.start()
    # The objects that exist by now stay, and work leaves hardly any cycles behind: the collector
    # need not look through everything again and again.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield consuming
    finally:
        ticker.stop()
        probes.stop()
        base.close()
