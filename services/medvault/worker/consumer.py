"""Celery's consumer, bent to this broker: our queues only, and back within seconds."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

from medvault.adapters.amqp import refusals
from medvault.adapters.amqp.topology import Declaration, QueueRefused, declarations

RECONNECT: Final = {"interval_start": 0.1, "interval_step": 0.3, "interval_max": 1.0}
"""Seconds between attempts; kombu's own go up to 30."""

SIGNAL_LATENCY: Final = 0.5
"""Seconds that the loop sleeps at most: a signal alone doesn't end its sleep."""

REFUSALS: Final = {403, 406}
"""ACCESS_REFUSED and PRECONDITION_FAILED of AMQP 0-9-1."""

log = structlog.get_logger()


class MedvaultConsumer(Consumer):
    """Declares what it reads on every connection, and none of Celery's for delayed delivery."""

    class Blueprint(Consumer.Blueprint):
        """Celery's boot steps without delayed delivery: waiting is a due time in the row."""

        default_steps: ClassVar = [
            step for step in Consumer.Blueprint.default_steps if "delayed_delivery" not in step
        ]

    def connect(self) -> Any:
        """Connect, retrying for as long as it takes; raises `QueueRefused`."""
        connection = super().connect()
        declare(connection, declarations(self.app.conf.queue_prefix, self.app.conf.queues_read))
        self.timer.call_repeatedly(SIGNAL_LATENCY, lambda: None)
        return connection

    def ensure_connected(self, conn: Any) -> Any:
        """Retry sooner than Celery does."""
        conn.ensure_connection(_log_failure, callback=maybe_shutdown, **RECONNECT)
        self.first_connection_attempt = False
        return conn


def declare(connection: Any, queues: Sequence[Declaration]) -> None:
    """Declare queues on a channel of their own; raises `QueueRefused`."""
    with connection.channel() as channel:
        for queue in queues:
            try:
                channel.queue_declare(
                    queue.name, durable=True, auto_delete=False, arguments=dict(queue.arguments)
                )
            except connection.channel_errors as error:
                if error.reply_code in REFUSALS:
                    refusals.tell(queue.name, error.reply_code, error.reply_text)
                    raise QueueRefused(queue.name, error.reply_text) from None
                raise


def _log_failure(error: Exception, retry_in: float) -> None:
    log.warning("broker lost", error=type(error).__name__, retry_in=retry_in)
