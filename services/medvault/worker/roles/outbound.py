"""Delivery: replies to patients."""

from medvault.bootstrap.cache import make_session_cache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.outbound import make_delivery
from medvault.ports import Queue
from medvault.settings import Settings
from medvault.worker.app import run_worker
from medvault.worker.batching import BatchQueue
from medvault.worker.delivery import DeliveryThread
from medvault.worker.roles.serving import make_worker, publishing, serving


def run(settings: Settings) -> int:
    """Run delivery."""
    base, cache = Foundation(settings), make_session_cache(settings)
    with publishing(settings) as waker:
        delivery = DeliveryThread(
            base.whatsapp,
            lambda channel: make_delivery(base, channel, cache[1], waker),
        )
        step = BatchQueue(Queue.OUTBOUND, delivery.wake, base.database.check)
        maintenance = make_maintenance(base, waker)
        delivery.start()
        try:
            checks = {**cache[2], "channel": delivery.check}
            optional = {"cache", "channel"}
            with serving(base, waker, maintenance, checks, optional) as consuming:
                return run_worker(make_worker(settings, consuming, [step]), "outbound")
        finally:
            delivery.stop()
