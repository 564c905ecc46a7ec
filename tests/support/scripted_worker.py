"""A Celery worker in a process of its own, on whose queues a `ScriptedHandler` sits."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from medvault.adapters.amqp.messages import MEDIA_TASK, unpack
from medvault.adapters.amqp.topology import READ_BY
from medvault.ports import Queue
from medvault.worker.app import make_app, run_worker
from medvault.worker.batching import BatchQueue
from support.scripted_handler import ScriptedHandler

TESTS = Path(__file__).parents[1]
PATIENCE = 20.0


class ScriptedWorker:
    """`media` for a worker of four threads on that queue, else batching steps on the others.

    As a single `process` it reads what that one reads.
    """

    def __init__(
        self, url: str, handler: ScriptedHandler, *, media: bool = False, process: str = ""
    ) -> None:
        kind = process or ("media" if media else "steps")
        self._log = handler.folder / f"{kind}.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.scripted_worker", url, str(handler.folder), kind],
                env=os.environ | {"PYTHONPATH": str(TESTS)},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """The worker's output so far."""
        return self._log.read_text()

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL and waits for the end."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def wait(self) -> int:
        """Waits for the end; returns the exit code."""
        return self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


def _main(url: str, folder: str, kind: str) -> int:
    logging.basicConfig(level=logging.INFO)
    handler = ScriptedHandler(Path(folder))

    def handle(bodies: Sequence[bytes]) -> None:
        handler([id for body in bodies for id in unpack(body)])

    read = tuple(Queue) if kind == "steps" else READ_BY[kind]
    batching = [queue for queue in read if queue is not Queue.MEDIA]
    steps = [
        BatchQueue(queue, handle, handler.probe, in_order=queue is Queue.INTAKE)
        for queue in batching
    ]
    app = make_app(url, steps=steps)

    def process(id: str) -> None:
        handler([UUID(id)])

    app.task(process, name=MEDIA_TASK)
    if kind == "media":
        return run_worker(app, "media@test", "threads", concurrency=4, queues=[Queue.MEDIA])
    return run_worker(app, "steps@test")


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
