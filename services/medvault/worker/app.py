"""Celery as medvault runs it."""

import logging
import ssl
import warnings
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning
from kombu.entity import Queue as KombuQueue

from medvault.adapters.amqp.topology import DEFAULT_PREFIX, queue_name
from medvault.ports import Queue
from medvault.worker.batching import BatchQueue
from medvault.worker.consumer import MedvaultConsumer
from medvault.worker.consuming import Consuming
from medvault.worker.steps import batch_step

TASK_QUEUES: Final = (Queue.MEDIA,)
"""Those whose messages are Celery's tasks."""

HEARTBEAT: Final = 20
"""Seconds. A batch holds up the heartbeats, and the broker waits for two of them."""

ANSWER: Final = 5
"""Seconds that a declaration or a consumer's start may take; without a limit they'd hang for ever
on a broker that is frozen, or on a queue that has lost its leader."""

_OF_NO_USE: Final = (SecurityWarning, CPendingDeprecationWarning)
"""Celery takes a container's user for root, as no file there names its group; and it warns of its
next release's default of what is set here."""


def make_app(
    broker_url: str,
    queue_prefix: str = DEFAULT_PREFIX,
    steps: Sequence[BatchQueue] = (),
    soft_shutdown: float = 10.0,
    consuming: Consuming | None = None,
) -> Celery:
    """Make the app of a process that runs `steps`; tasks are registered on it by the caller.

    A task that raises is dead-lettered at once, one whose worker dies is delivered again. Tasks
    still running `soft_shutdown` seconds after a cold shutdown (SIGQUIT) are given up.
    """
    app = Celery("medvault", set_as_current=False)
    app.conf.update(
        queue_prefix=queue_prefix,
        queues_read=list(dict.fromkeys(step.queue for step in steps)),
        broker_url=broker_url,
        broker_use_ssl=_tls(broker_url),
        broker_heartbeat=HEARTBEAT,
        broker_connection_timeout=2,
        broker_transport_options={"read_timeout": ANSWER, "write_timeout": ANSWER},
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        task_queues=[_task_queue(queue_name(queue_prefix, queue)) for queue in TASK_QUEUES],
        task_default_queue=queue_name(queue_prefix, TASK_QUEUES[0]),
        task_default_queue_type="quorum",
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure=False,
        task_acks_on_timeout=False,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        result_backend_thread_safe=True,
        event_serializer="json",
        worker_consumer=MedvaultConsumer,
        worker_prefetch_multiplier=1,
        # True would end a worker of threads at the first reconnect: threads can't be killed.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=soft_shutdown,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    app.steps["consumer"].add(batch_step(steps, queue_prefix, consuming or Consuming()))
    signals.setup_logging.connect(_leave_logging_alone, dispatch_uid="medvault")
    return app


def run_worker(
    app: Celery,
    name: str,
    pool: str = "solo",
    concurrency: int = 1,
    queues: Sequence[Queue] = (),
) -> int:
    """Run a worker in this process's main thread until it is told to end; returns the exit code.

    `queues` are the task queues to consume, out of `TASK_QUEUES`; with none of them only the app's
    steps run. SIGTERM ends it once what it was handed is done and acknowledged, see `FINISH`; the
    rest goes back to the broker. `solo` is for steps, `threads` for tasks.
    """
    for category in _OF_NO_USE:
        warnings.simplefilter("ignore", category)
    app.conf.queues_read = [*app.conf.queues_read, *queues]
    worker = app.Worker(
        hostname=name,
        pool=pool,
        concurrency=concurrency,
        exclude_queues=[
            queue_name(app.conf.queue_prefix, queue) for queue in TASK_QUEUES if queue not in queues
        ],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel=logging.WARNING,
    )
    worker.start()
    return worker.exitcode or 0


def _task_queue(name: str) -> Any:
    """A queue that Celery does not declare; it only has to know that it's a quorum queue."""
    arguments = {"x-queue-type": "quorum"}
    return KombuQueue(name, no_declare=True, queue_arguments=arguments)


def _tls(broker_url: str) -> dict[str, Any] | None:
    """Verify `amqps://` by the system's authorities, which py-amqp would not by itself."""
    parts = urlsplit(broker_url)
    if parts.scheme != "amqps":
        return None
    context = {"check_hostname": True, "purpose": ssl.Purpose.SERVER_AUTH}
    return {"context": context, "server_hostname": parts.hostname}


def _leave_logging_alone(**_: object) -> None:
    """Celery configures no logging while somebody listens to this signal."""
