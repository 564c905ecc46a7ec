"""The worker processes: one role each, with probes, maintenance and a clean end."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from uuid import UUID

import structlog
from celery import Celery

from medvault.adapters.amqp.messages import MEDIA_TASK, unpack
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.adapters.amqp.topology import DEAD_DELIVERY_LIMIT, DELIVERY_LIMIT
from medvault.application.intake import Recorder
from medvault.application.maintenance import Maintenance
from medvault.bootstrap import foundation
from medvault.bootstrap.cache import make_session_cache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.inbound import make_inbound, make_recorder
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.media import (
    make_cabinet,
    make_examiner,
    make_media,
    make_object_store,
    make_scanner_check,
)
from medvault.bootstrap.outbound import make_delivery
from medvault.domain.errors import Unavailable
from medvault.observability.health import Readiness
from medvault.observability.identity_check import IDENTITY_CHECK, NOTE
from medvault.observability.probes import ProbeServer
from medvault.ports import Check, Queue
from medvault.settings import Settings
from medvault.worker.app import make_app, run_worker
from medvault.worker.batching import BatchConsumer
from medvault.worker.consuming import Consuming
from medvault.worker.delivery import DeliveryThread
from medvault.worker.requests import MediaRequest
from medvault.worker.ticker import Ticker


def inbound(settings: Settings) -> int:
    """Run a message processor: conversations, statuses, and webhooks that the broker took in."""
    base, cache = Foundation(settings), make_session_cache(settings)
    with _publisher(settings) as waker:
        processor = make_inbound(base, cache[0], waker)
        recorder = make_recorder(base, waker)
        steps = [
            _wake_ups(Queue.INBOUND, processor.handle, base, processor.handle_suspects),
            *_webhooks(recorder, base.database.check),
        ]
        maintenance = make_maintenance(base, waker, inbound=processor)
        notes = {NOTE: IDENTITY_CHECK}
        with _serving(base, waker, maintenance, cache[2], {"cache"}, notes) as consuming:
            return run_worker(_app(settings, consuming, steps), "inbound")


def outbound(settings: Settings) -> int:
    """Run delivery."""
    base, cache = Foundation(settings), make_session_cache(settings)
    with _publisher(settings) as waker:
        delivery = DeliveryThread(
            base.whatsapp,
            lambda channel: make_delivery(base, channel, cache[1], waker),
        )
        step = BatchConsumer(Queue.OUTBOUND, delivery.wake, base.database.check)
        maintenance = make_maintenance(base, waker)
        delivery.start()
        try:
            checks = {**cache[2], "channel": delivery.check}
            optional = {"cache", "channel"}
            with _serving(base, waker, maintenance, checks, optional) as consuming:
                return run_worker(_app(settings, consuming, [step]), "outbound")
        finally:
            delivery.stop()


def media(settings: Settings) -> int:
    """Run a media worker: files in, files out."""
    base, store = Foundation(settings), make_object_store(settings)
    cache = make_session_cache(settings)
    with _publisher(settings) as waker:
        files = make_media(base, store, make_examiner(settings), cache[0], waker)

        def process_media(id: str) -> None:
            try:
                files.process(UUID(id))
            except Unavailable as error:
                log.warning("a file waits", dependency=error.dependency)

        filing = make_cabinet(base, store, waker)
        maintenance = make_maintenance(base, waker, cabinet=filing, idle=files.idle)
        checks = {"store": store.check, "scanner": make_scanner_check(settings), **cache[2]}
        with _serving(base, waker, maintenance, checks, optional={"cache"}) as consuming:
            app = _app(settings, consuming)
            app.task(process_media, name=MEDIA_TASK, Request=MediaRequest)
            return run_worker(app, "media", "threads", settings.media_threads, [Queue.MEDIA])


WEBHOOKS = 16
"""Webhooks of up to 3 MB handled at once; the broker hands out four times as many ahead."""

log = structlog.get_logger(__name__)

ROLES: dict[str, Callable[[Settings], int]] = {
    "inbound": inbound,
    "media": media,
    "outbound": outbound,
}


def _app(settings: Settings, consuming: Consuming, steps: Sequence[BatchConsumer] = ()) -> Celery:
    broker = foundation.secret(settings.broker_url)
    return make_app(broker, settings.broker_prefix, steps, consuming=consuming)


def _wake_ups(
    queue: Queue,
    handle: Callable[[Sequence[UUID]], None],
    base: Foundation,
    handle_suspects: Callable[[Sequence[UUID]], None],
) -> BatchConsumer:
    return BatchConsumer(
        queue,
        lambda bodies: handle(_ids(bodies)),
        base.database.check,
        handle_suspects=lambda bodies: handle_suspects(_ids(bodies)),
    )


def _ids(bodies: Sequence[bytes]) -> list[UUID]:
    return list(dict.fromkeys(id for body in bodies for id in unpack(body)))


def _webhooks(recorder: Recorder, probe: Check) -> Sequence[BatchConsumer]:
    """Take what the broker holds for the database; the tries of these the database counts."""
    waiting = BatchConsumer(
        Queue.INTAKE,
        recorder.record,
        probe,
        handle_suspects=recorder.record_suspects,
        max_tries=DELIVERY_LIMIT + 1,
        in_order=True,
        max_messages=WEBHOOKS,
    )
    given_up = BatchConsumer(
        Queue.INTAKE,
        recorder.record_suspects,
        probe,
        max_tries=DEAD_DELIVERY_LIMIT,
        dead=True,
        max_messages=WEBHOOKS,
    )
    return [waiting, given_up]


@contextmanager
def _publisher(settings: Settings) -> Iterator[ThreadedPublisher]:
    publisher = ThreadedPublisher(foundation.secret(settings.broker_url), settings.broker_prefix)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop()


@contextmanager
def _serving(
    base: Foundation,
    waker: ThreadedPublisher,
    maintenance: Maintenance,
    checks: dict[str, Check],
    optional: "set[str] | frozenset[str]" = frozenset(),
    notes: Mapping[str, Callable[[], str]] = MappingProxyType({}),
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
    probes = ProbeServer(settings.probe_host, settings.probe_port, readiness)
    ticker = Ticker(maintenance)
    probes.start()
    log.info("probes listen", host=settings.probe_host, port=probes.port)
    ticker.start()
    # The objects that exist by now stay: the collector need not look through them again and again.
    gc.freeze()
    try:
        yield consuming
    finally:
        ticker.stop()
        probes.stop()
        base.close()
