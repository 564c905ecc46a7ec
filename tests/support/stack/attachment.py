"""When the broker accepts connections again, and when all its consumers are back on it."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pika
from pika.exceptions import AMQPError

from support.servers.waiting import wait_until
from support.stack.service import Service

LONGEST = 60.0


class Attachment:
    """The finding of `attaching`, complete at the end of its block."""

    seconds = 0.0
    """From the first connection that the broker accepted until all workers consumed."""


@contextmanager
def attaching(url: str, workers: Sequence[Service]) -> Iterator[Attachment]:
    """Watches the broker from within the block, and waits at its end until it has seen it all."""
    found = Attachment()
    with ThreadPoolExecutor(1) as watching:
        watched = watching.submit(_watch, url, workers)
        yield found
        found.seconds = watched.result()


def _watch(url: str, workers: Sequence[Service]) -> float:
    wait_until(lambda: _accepts(url), seconds=LONGEST, what="a broker that accepts")
    accepted = time.monotonic()
    wait_until(lambda: all(map(_consumes, workers)), seconds=LONGEST, what="all consumers")
    return round(time.monotonic() - accepted, 2)


def _accepts(url: str) -> bool:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = LONGEST
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError):
        return False
    return True


def _consumes(worker: Service) -> bool:
    return worker.metric("medvault_consuming") == 1
