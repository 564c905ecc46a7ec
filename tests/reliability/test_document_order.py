"""A sender dies with a document in its hands: those asked for later wait for it, or say so."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from medvault.domain.outbound import SendState
from medvault.domain.saying.wording import SENT_LATE
from support import pdfs
from support.servers.gate import Gate
from support.servers.valkey import Valkey
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.filing import file_pdf
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.forking import forking
from support.stack.phone import Phone
from support.stack.service import START, Service
from support.stack.writers import Writers

ASKED = [1, 3, 2]
DOCUMENTS = """
SELECT state FROM outbox WHERE report_id IS NOT NULL AND held_for IS NULL
ORDER BY seq DESC LIMIT 3
"""
CASES = [(SendState.UNCONFIRMED, True), (SendState.SENDING, True), (SendState.SENDING, False)]
"""How the first is found, and whether others' statuses show in time that it is lost."""
READY = [SendState.QUEUED] * 3

Figures = Callable[..., None]


class Site:
    """Two senders before a gate, and a patient with three reports."""

    def __init__(self, fleet: Fleet, gate: Gate) -> None:
        self.fleet, self._gate = fleet, gate
        self._phone: Phone = fleet.phone()
        for number in ASKED:
            file_pdf(self._phone, pdfs.with_content(f"% {number}".encode()))
        self._phone.say("LIST", "1 to 3 of 3")
        self._reports = [self._got(number) for number in sorted(ASKED)]

    def _got(self, number: int) -> bytes:
        return self._phone.download(self._phone.say(f"GET {number}", "City Hospital"))

    def dies(self, found: SendState) -> None:
        """The senders die of three documents; the first, found so, reached nobody."""
        self._are_ready()
        self._gate.swallow()
        self._start(self.fleet.outbound)
        wait_until(
            lambda: self._states()[0] == SendState.SENDING, seconds=START, what="a first send"
        )
        wait_until(lambda: self._states()[0] == found, seconds=20, what="a send without an answer")
        self._kill(self.fleet.outbound)
        assert self._states() == [found, *READY[1:]]
        self._gate.open()
        self._start(self.fleet.outbound)

    def _are_ready(self) -> None:
        """Texts may pass before documents are asked for, but no document leaves."""
        self._kill(self.fleet.media)
        for number in ASKED:
            self._phone.send(text=f"GET {number}")
        wait_until(self._only_documents_wait, seconds=20, what="texts that have passed")
        self._kill(self.fleet.outbound)
        self._start(self.fleet.media)
        wait_until(lambda: self._states() == READY, seconds=START, what="documents that are ready")

    def _kill(self, workers: Sequence[Service]) -> None:
        for worker in workers:
            worker.kill()

    def _start(self, workers: Sequence[Service]) -> None:
        for worker in workers:
            worker.start()

    def _only_documents_wait(self) -> bool:
        waiting = "SELECT count(*) FILTER (WHERE report_id IS NULL), count(*) FROM outbox"
        return self.fleet.vault.tables.rows(f"{waiting} WHERE state < 40") == [(0, 3)]

    def _states(self) -> list[SendState]:
        found = self.fleet.vault.tables.column(DOCUMENTS)
        return [SendState(state) for state in reversed(found)]

    def came(self, seconds: float) -> list[int]:
        """The numbers of the three, in the order in which the patient sees them."""
        wait_until(lambda: len(self._documents()) == 6, seconds=seconds, what="three documents")
        return [1 + self._reports.index(found) for found in self._documents()[3:]]

    def _documents(self) -> list[bytes]:
        chat = self._phone.chat()
        sent = [m for m in chat if m["direction"] == "outbound" and m["type"] == "document"]
        return [self._phone.download(message) for message in sent]

    def is_told(self) -> bool:
        """Whether the patient heard that a later one went first."""
        return SENT_LATE in self._phone.answers()


@pytest.fixture
def site(new_servers: NewServers, valkey: Valkey, tmp_path: Path) -> Iterator[Site]:
    valkey.clear()
    gate, sizes = Gate(), Sizes(api=1, inbound=1, media=2, outbound=2)
    settings = {"whatsapp_base_url": gate.url}
    with (
        new_servers() as servers,
        forking() as spawn,
        running_fleet(servers, tmp_path, sizes, settings=settings, spawn=spawn) as fleet,
    ):
        gate.port = int(fleet.simulator.url.rpartition(":")[2])
        gate.open()
        try:
            yield Site(fleet, gate)
        finally:
            gate.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("found", "others_write"), CASES)
def test_documents_come_in_the_order_asked_for_across_a_senders_death_or_say_so(
    site: Site, found: SendState, others_write: bool, figures: Figures
) -> None:
    others = Writers(site.fleet, 40)
    others.ask(120 if others_write else 0)
    others.answered(seconds=60)
    site.dies(found)
    since = time.monotonic()
    with others.asking(5 if others_write else 0):
        order = site.came(seconds=180)
    figures(seconds=round(time.monotonic() - since, 1), told=site.is_told())
    assert order == ([3, 2, 1] if site.is_told() else ASKED)
    assert site.is_told() is not others_write
