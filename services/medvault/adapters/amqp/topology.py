"""The facts about the queues, in one place. A process declares those that it reads, and no other.

So each user of the broker may configure and read the queues of its process alone, and a broker that
has lost its queues gets them back from the processes that read them, as they connect again. A
publisher needs no queue to exist: the sweep repairs a wake-up without a queue, and the API refuses
a webhook with 503.

There are quorum queues only, published to through the default exchange: nothing is bound, so
nothing can be bound wrongly, and nothing is used that RabbitMQ 4 took away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from medvault.domain.errors import Permanent
from medvault.ports import Queue

DEFAULT_PREFIX: Final = "medvault."

DELIVERY_LIMIT: Final = 20
"""Deliveries that a message may fail or a worker may die of. RabbitMQ 3.10 has no limit of its own.

A channel that closes counts one for every message that it held, whatever the reason.
"""

DEAD_DELIVERY_LIMIT: Final = 1_000_000
"""An admin may look at a dead letter as often as they like; RabbitMQ 4 would drop it at 20."""

MAX_WAKEUPS: Final = 100_000
"""Messages in a queue of wake-ups: more would wake nobody sooner, and the sweep knows the rows."""

MAX_INTAKE_BYTES: Final = 1 << 30
"""Sealed webhooks while the database is away: ten minutes of 1,500 a second at 1.2 kB each."""


READ_BY: Final[Mapping[str, Collection[Queue]]] = {
    "api": (),
    "inbound": (Queue.INTAKE, Queue.INBOUND),
    "media": (Queue.MEDIA,),
    "outbound": (Queue.OUTBOUND,),
}
"""The queues of each process; all of them publish to any."""


class QueueRefused(Permanent):
    """The broker has another queue of that name, or the user may not declare it."""

    def __init__(self, queue: str, reply: str) -> None:
        super().__init__(
            f"RabbitMQ refuses the queue {queue}: {reply} -- an older release may have declared it "
            "with other arguments: once it is empty, delete it, and it will be declared again"
        )
        self.queue = queue


@dataclass(frozen=True, slots=True)
class Declaration:
    """A durable queue and its arguments, for `queue.declare`."""

    name: str
    arguments: Mapping[str, str | int | bool]


def queue_name(prefix: str, queue: Queue) -> str:
    """Return the broker's name of a queue, which is its routing key too."""
    return f"{prefix}{queue.value}"


def dead_queue_name(prefix: str, queue: Queue) -> str:
    """Return the name of the queue that takes what `queue` could not deliver."""
    return f"{queue_name(prefix, queue)}.dead"


def declarations(prefix: str, queues: Collection[Queue] = tuple(Queue)) -> Sequence[Declaration]:
    """Return these queues, each behind the one that takes its dead letters."""
    return [
        declaration
        for queue in queues
        for declaration in (_dead_letters(prefix, queue), _work(prefix, queue))
    ]


def _work(prefix: str, queue: Queue) -> Declaration:
    # At-least-once dead-lettering asks for reject-publish, which asks for a length.
    arguments: dict[str, str | int | bool] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_queue_name(prefix, queue),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if queue is Queue.INTAKE:
        arguments |= {"x-max-length-bytes": MAX_INTAKE_BYTES, "x-single-active-consumer": True}
    else:
        arguments |= {"x-max-length": MAX_WAKEUPS}
    return Declaration(queue_name(prefix, queue), arguments)


def _dead_letters(prefix: str, queue: Queue) -> Declaration:
    """Without a length: a full one would hold dead letters back in their queue, or lose them."""
    return Declaration(
        dead_queue_name(prefix, queue),
        {"x-queue-type": "quorum", "x-delivery-limit": DEAD_DELIVERY_LIMIT},
    )
