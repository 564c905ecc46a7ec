"""Patients whose only errand is to tell how soon they are answered after a fault."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos import files
from chaos.answers import labels
from chaos.switchboard import Phone, Switchboard

OF_FILES = frozenset({"media", "s3", "clamd", "storage", "scanner"})
"""Kinds that only a file needs, by whatever name they go."""
PATIENCE = 150.0


class Probes:
    """As many phones as there are faults at once; each probe takes one that is free."""

    def __init__(self, board: Switchboard, seed: int) -> None:
        self._board = board
        self._dice = random.Random(f"{seed}/probes")
        self._free: list[Phone] = []
        self._made = 0
        self.sent = 0

    async def __call__(self, kind: str) -> float:
        """Write now; the seconds until the answer. `TimeoutError` if none comes."""
        began = time.monotonic()
        async with self._phone() as phone:
            if kind.partition("-")[0] in OF_FILES:
                await self._file(phone)
            else:
                await self._say(phone, "HELP", "help")
            return time.monotonic() - began

    async def _file(self, phone: Phone) -> None:
        self._made += 1
        file = files.pdf(self._dice, f"probe-{self._made}")
        self.sent += 1
        await phone.send_file(file.data, file.name, file.mime, document=True)
        await _hear(phone, "date?")
        await self._say(phone, "CANCEL", "cancelled")

    async def _say(self, phone: Phone, text: str, wanted: str) -> None:
        self.sent += 1
        await phone.say(text)
        await _hear(phone, wanted)

    @asynccontextmanager
    async def _phone(self) -> AsyncIterator[Phone]:
        phone = self._free.pop() if self._free else await self._board.phone("Probe")
        yield phone
        self._free.append(phone)


async def _hear(phone: Phone, wanted: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while wanted not in labels(await phone.answer(deadline - time.monotonic())):
        continue
