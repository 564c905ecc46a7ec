"""A patient at full blast: texts that are dear to read, small files and burners, all at once."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from typing import Self

from support import bombs, hostile, pdfs
from support.clinic import webhooks
from support.stack.phone import Phone
from support.stack.poison import wamid
from support.stack.stack import Stack

TYPED = 65_536
"""Characters that WhatsApp lets a person type."""
COMMANDS = ("HELP", "LIST", "GET 1", "hello")
PAUSE = 0.01
"""Seconds between two messages of a kind: this process plays Meta too, and all other patients."""
PATIENCE = 30.0
FILES, BURNERS = 60, 24
"""How many may wait at once; after those, only the other kinds go on being sent."""


class Blast:
    """Three threads of one phone that send until the block ends; each answer but 200 is noted."""

    def __init__(self, stack: Stack, phone: Phone, streams: int) -> None:
        self.refused: list[int] = []
        self.sent = 0
        self._stack = stack
        self._phone = phone
        self._burner = hostile.burner(streams)
        self._over = threading.Event()
        kinds = (self._write, self._send_files, self._send_burners)
        self._threads = [threading.Thread(target=self._again, args=(kind(),)) for kind in kinds]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _again(self, step: Callable[[], bool]) -> None:
        goes_on = True
        while goes_on and not self._over.wait(PAUSE):
            goes_on = step()
            self.sent += 1

    def _write(self) -> Callable[[], bool]:
        patterns = [pattern for name, pattern in bombs.PATTERNS.items() if name != "half pairs"]
        texts = [bombs.text(pattern, TYPED) for pattern in patterns]
        said = cycle([each for text in texts for each in (text, *COMMANDS)])

        def step() -> bool:
            answer = self._stack.meta.post(webhooks.text(self._phone.user_id, wamid(), next(said)))
            self.refused.extend([answer.status] if answer.status != 200 else [])
            return True

        return step

    def _send_files(self) -> Callable[[], bool]:
        return self._files(pdfs.written(pdfs.report()), FILES)

    def _send_burners(self) -> Callable[[], bool]:
        return self._files(self._burner, BURNERS)

    def _files(self, content: bytes, most: int) -> Callable[[], bool]:
        left = iter(range(most))

        def step() -> bool:
            self._phone.send_file(content, "report.pdf", "application/pdf")
            return next(left, None) is not None

        return step


class Bystander:
    """Somebody who writes and sends small files meanwhile, and how long each answer took.

    Nobody waits longer than `PATIENCE`.
    """

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._report = pdfs.written(pdfs.report(1))

    def text(self) -> float:
        """Seconds to the answer to a question."""
        began = time.monotonic()
        self._phone.send(text="HELP")
        return self._waits_for("What I can do", began)

    def file(self) -> float:
        """Seconds until a file is asked about; it is put aside then."""
        began = time.monotonic()
        self._phone.send_file(self._report, "report.pdf", "application/pdf")
        took = self._waits_for("What date", began)
        self._phone.send(text="CANCEL")
        self._waits_for("Cancelled", time.monotonic())
        return took

    def _waits_for(self, answer: str, began: float) -> float:
        with suppress(AssertionError):
            self._phone.answer(answer, seconds=PATIENCE)
        return time.monotonic() - began
