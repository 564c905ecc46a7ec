"""A writers of patients who write at a steady pace, and what became of the answers."""

import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.servers.waiting import wait_until
from support.stack.fleet import Fleet
from support.stack.phone import Phone

_STEP = 0.1
_SEQUENCE = "SELECT id::text FROM outbox WHERE wamid IS NOT NULL ORDER BY subject, seq"


class Writers:
    """Its patients ask for help, each in turn; every question has one answer."""

    def __init__(self, fleet: Fleet, patients: int) -> None:
        self._fleet = fleet
        self._phones = [fleet.phone() for _ in range(patients)]
        self._turn = itertools.cycle(self._phones)
        self.asked = 0

    def ask(self, count: int) -> None:
        """That many questions, of one patient after the other."""
        texts = [{"user": next(self._turn).id, "text": "HELP"} for _ in range(count)]
        self._fleet.meta.control("POST", "/messages", json=texts)
        self.asked += count

    @contextmanager
    def asking(self, per_second: float) -> Iterator[None]:
        """Questions at a steady pace within the block."""
        over = threading.Event()
        thread = threading.Thread(target=self._ask_steadily, args=(per_second, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _ask_steadily(self, per_second: float, over: threading.Event) -> None:
        began, before = time.monotonic(), self.asked
        while not over.wait(_STEP):
            due = int((time.monotonic() - began) * per_second) - (self.asked - before)
            if due > 0:
                self.ask(due)

    def sends(self) -> list[dict[str, Any]]:
        """The messages that Meta accepted for these patients, oldest first."""
        theirs = {name for phone in self._phones for name in (phone.user_id, phone.number)}
        sends = self._fleet.meta.control("GET", "/ledger")["sends"]
        found = [send for send in sends if send["recipient"] in theirs]
        return sorted(found, key=lambda send: float(send["monotonic"]))

    def answered(self, seconds: float) -> None:
        """Waits until as many answers were accepted as there were questions."""
        wait_until(lambda: len(self.sends()) >= self.asked, seconds=seconds, what="all the answers")

    def doubled(self) -> int:
        """Answers that Meta accepted more than once."""
        times = Counter(send["biz_opaque_callback_data"] for send in self.sends())
        return sum(count - 1 for count in times.values())

    def lost(self) -> int:
        """Questions that were never answered."""
        return self.asked - len({send["biz_opaque_callback_data"] for send in self.sends()})

    def inverted(self) -> int:
        """Answers that Meta accepted before an earlier one to the same patient."""
        place = {id: n for n, id in enumerate(self._fleet.vault.tables.column(_SEQUENCE))}
        by_patient = defaultdict(list)
        for send in self.sends():
            by_patient[send["recipient"]].append(place[send["biz_opaque_callback_data"]])
        return sum(
            later < earlier
            for places in by_patient.values()
            for earlier, later in itertools.pairwise(places)
        )


def calls(fleet: Fleet) -> Counter[str]:
    """The calls to Meta of all outbound workers, by what was answered."""
    found: Counter[str] = Counter()
    for worker in fleet.outbound:
        lines = worker.probe("/metrics").data.decode().splitlines()
        for line in lines:
            if line.startswith("medvault_deliveries_total{"):
                name, value = line.split('outcome="')[1].split('"} ')
                found[name] += int(float(value))
    return found


def one_more(fleet: Fleet, seconds: float) -> float:
    """How long a new patient waits for an answer."""
    began = time.monotonic()
    phone: Phone = fleet.phone()
    phone.send(text="HELP")
    phone.answer(seconds=seconds)
    return round(time.monotonic() - began, 1)
