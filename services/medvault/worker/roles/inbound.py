"""The message processor: conversations, statuses, and webhooks that the broker took in."""

from collections.abc import Callable, Sequence

from medvault.adapters.amqp.messages import unpack
from medvault.adapters.amqp.topology import DEAD_DELIVERY_LIMIT, DELIVERY_LIMIT
from medvault.application.intake import Recorder
from medvault.application.queue_depths import QueueDepths
from medvault.bootstrap.cache import make_session_cache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.inbound import make_inbound, make_recorder
from medvault.bootstrap.maintenance import make_maintenance
from medvault.domain.identifiers import LaneId
from medvault.observability.identity_check import IDENTITY_CHECK, NOTE
from medvault.ports import Check, Queue
from medvault.settings import Settings
from medvault.worker.app import run_worker
from medvault.worker.batching import BatchQueue
from medvault.worker.roles.serving import make_worker, publishing, serving

DEPTHS = "/waiting"
"""The path of the probe port under which it tells how deep the queues are."""
WEBHOOKS = 16
"""Webhooks of up to 3 MB handled at once; the broker hands out four times as many ahead."""


def run(settings: Settings) -> int:
    """Run a message processor."""
    base, cache = Foundation(settings), make_session_cache(settings)
    with publishing(settings) as waker:
        processor = make_inbound(base, cache[0], waker)
        recorder = make_recorder(base, waker)
        steps = [
            _wake_ups(Queue.INBOUND, processor.handle, base, processor.handle_suspects),
            *_webhooks(recorder, base.database.check),
        ]
        maintenance = make_maintenance(base, waker, inbound=processor)
        notes = {NOTE: IDENTITY_CHECK}
        pages = {DEPTHS: QueueDepths(base.database)}
        with serving(base, waker, maintenance, cache[2], {"cache"}, notes, pages) as consuming:
            return run_worker(make_worker(settings, consuming, steps), "inbound")


def _wake_ups(
    queue: Queue,
    handle: Callable[[Sequence[LaneId]], None],
    base: Foundation,
    handle_suspects: Callable[[Sequence[LaneId]], None],
) -> BatchQueue:
    return BatchQueue(
        queue,
        lambda bodies: handle(_ids(bodies)),
        base.database.check,
        handle_suspects=lambda bodies: handle_suspects(_ids(bodies)),
    )


def _ids(bodies: Sequence[bytes]) -> list[LaneId]:
    return list(dict.fromkeys(LaneId(id) for body in bodies for id in unpack(body)))


def _webhooks(recorder: Recorder, probe: Check) -> Sequence[BatchQueue]:
    """Take what the broker holds for the database; the attempts of these the database counts."""
    waiting = BatchQueue(
        Queue.INTAKE,
        recorder.record,
        probe,
        handle_suspects=recorder.record_suspects,
        max_attempts=DELIVERY_LIMIT + 1,
        in_order=True,
        max_messages=WEBHOOKS,
    )
    given_up = BatchQueue(
        Queue.INTAKE,
        recorder.record_suspects,
        probe,
        max_attempts=DEAD_DELIVERY_LIMIT,
        dead=True,
        max_messages=WEBHOOKS,
    )
    return [waiting, given_up]
