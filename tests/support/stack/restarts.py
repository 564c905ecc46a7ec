"""A cluster's treatment of a process that died: it starts the process again."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from support.servers.waiting import POLL
from support.stack.service import Service


class Restarts:
    """How often each process had died, by its name."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def note(self, name: str) -> None:
        """Counts one more."""
        self.of[name] = self.of.get(name, 0) + 1


@contextmanager
def kept_running(processes: Sequence[Service]) -> Iterator[Restarts]:
    """Starts whichever dies, until the block ends; then all of them are ready again."""
    restarts, stopping = Restarts(), threading.Event()

    def keep() -> None:
        while not stopping.wait(POLL):
            for process in processes:
                if not process.runs:
                    restarts.note(process.name)
                    process.start()

    keeper = threading.Thread(target=keep, name="keeper", daemon=True)
    keeper.start()
    try:
        yield restarts
    finally:
        stopping.set()
        keeper.join()
        for process in processes:
            process.kill()  # a process ends with the thread that started it
            process.start()
    for process in processes:
        process.wait()
