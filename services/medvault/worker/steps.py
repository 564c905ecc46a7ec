"""The boot step that puts batching consumers into Celery's worker."""

from collections.abc import Sequence
from typing import Any

from celery.bootsteps import StartStopStep
from kombu.common import ignore_errors

from medvault.adapters.amqp.topology import queue_name
from medvault.worker.batching import BatchConsumer, Batching


def batch_step(consumers: Sequence[BatchConsumer], prefix: str) -> type[StartStopStep]:
    """Make a step that runs `consumers` on every connection of Celery's consumer."""

    class BatchStep(StartStopStep):
        requires = ("celery.worker.consumer:Tasks",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self._running: list[Batching] = []

        def start(self, parent: Any) -> None:
            self._running = [
                Batching(
                    consumer, queue_name(prefix, consumer.queue), parent.connection, parent.timer
                )
                for consumer in consumers
            ]

        def stop(self, parent: Any) -> None:
            for batching in self._running:
                if parent.connection is None:
                    batching.abandon()
                else:
                    ignore_errors(parent.connection, batching.close)
            self._running = []

    return BatchStep
