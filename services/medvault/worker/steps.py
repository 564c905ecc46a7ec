"""The boot step that puts batching consumers into Celery's worker."""

import time
from collections.abc import Sequence
from typing import Any, Final

from celery.bootsteps import StartStopStep
from kombu.common import ignore_errors

from medvault.worker.batching import BatchConsumer, BatchQueue
from medvault.worker.consuming import Consuming

FINISH: Final = 8.0
"""Seconds in which a worker that is told to end goes on with what it was handed already."""


def batch_step(
    consumers: Sequence[BatchQueue], prefix: str, consuming: Consuming
) -> type[StartStopStep]:
    """Make a step that runs `consumers` on every connection of Celery's consumer."""

    class BatchStep(StartStopStep):
        requires = ("celery.worker.consumer:Tasks",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self._running: list[BatchConsumer] = []

        def start(self, parent: Any) -> None:
            self._running = [
                BatchConsumer(consumer, consumer.name(prefix), parent.connection, parent.timer)
                for consumer in consumers
            ]
            consuming.begin()

        def stop(self, parent: Any) -> None:
            consuming.end()
            if parent.connection is not None:
                ignore_errors(parent.connection, self._finish)
            for batching in self._running:
                batching.abandon()
            self._running = []

        def _finish(self) -> None:
            for batching in self._running:
                batching.cancel()
            deadline = time.monotonic() + FINISH
            for batching in self._running:
                batching.finish(deadline)

    return BatchStep
