"""Patients who come and go while something else happens, and who know what they have to get."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Self

from psycopg2 import InterfaceError, OperationalError

from medvault.domain.errors import Unavailable
from medvault.domain.media import Verdict
from medvault.domain.saying.verdicts import KEPT_WITHOUT
from support import hostile, pdfs
from support.servers.waiting import wait_until
from support.stack.phone import Message, Phone
from support.stack.stack import Stack

PATIENCE = 180.0
LOOKS_EVERY = 0.4
"""Seconds that a patient waits for an answer, and between two looks at the phone."""

FAILED, NOT_SENT = "Something went wrong on my side", "I could not send you that report"
WITHOUT = KEPT_WITHOUT[Verdict.HAS_SCRIPT]
A_FILE = "(a file)"
"""How an answer is known that brings one."""
AWAY = (Unavailable, OperationalError, InterfaceError)
"""The errors if a question's database is killed; the last one comes while it is being answered."""
_TURNS = count()


class Visit:
    """One patient; the answers that they asked for must have come once, and nothing else."""

    def __init__(self, stack: Stack) -> None:
        self.began = self.ended = time.monotonic()
        self.phone = Phone(stack.meta, looks_every=LOOKS_EVERY)
        self.reports: list[bytes] = []
        self.longest = 0.0
        self._stack = stack
        self._expected: Counter[str] = Counter()

    def gets(self, *answers: str) -> tuple[str, Message]:
        """Waits for one of these answers."""
        asked = time.monotonic()
        while True:
            message = self.phone.answer(seconds=PATIENCE)
            self.longest = max(self.longest, time.monotonic() - asked)
            for answer in answers:
                if answer in _said(message):
                    self._expected[answer] += 1
                    return answer, message

    def says(self, text: str, *answers: str) -> tuple[str, Message]:
        """Writes, and waits for one of these answers."""
        self.phone.send(text=text)
        return self.gets(*answers)

    def sends(self, pdf: bytes) -> None:
        """Sends a file until it is asked about."""
        came = ""
        while came != "What date":
            self.phone.send_file(pdf, "report.pdf", "application/pdf")
            came, _ = self.gets("What date", FAILED)

    def files(self) -> None:
        """Files a report that nobody else has; every third one acts, and a copy of it is kept."""
        content = b"% " + secrets.token_hex(8).encode()
        acts = next(_TURNS) % 3 == 1
        pdf = pdfs.with_content(content, script=hostile.script() if acts else None)
        self.sends(pdf)
        if acts:
            self._expected[WITHOUT] += 1
        self.says("2 May 2019", "Which hospital")
        self.says("City Hospital", "What kind")
        self.says("blood test", "Shall I file it?")
        self.says("yes", "Filed: Lab test")
        self.reports.append(hostile.disarmed(pdf) if acts else pdf)

    def fetches(self) -> None:
        """Asks for the report, and gets it as it was."""
        self.says("LIST", "1 to 1 of 1")
        came = ""
        while came != A_FILE:
            came, message = self.says("GET 1", A_FILE, NOT_SENT)
        assert self.phone.download(message) == self.reports[0], "a report came back changed"

    def cancels(self, *, late: bool = False) -> None:
        """Sends a large file and thinks better of it: at once, or while somebody is at it.

        It may have failed by itself by then.
        """
        self.phone.send_file(_large(), "report.pdf", "application/pdf")
        if late:
            wait_until(self._in_hand, seconds=PATIENCE, what="somebody at the file")
        self.says("CANCEL", "Cancelled", "nothing to cancel")

    def _in_hand(self) -> bool:
        begun = "SELECT attempts > 0 OR state <> 'wanted' FROM media WHERE patient_id = %s"
        with suppress(*AWAY, ValueError):
            patient = str(self._stack.vault.patient(self.phone))
            return any(self._stack.vault.tables.column(begun, patient))
        return False

    def falls_asleep(self) -> None:
        """Leaves a question open for half an hour."""
        self.sends(pdfs.with_content(b"% asleep"))
        wait_until(self._half_an_hour, seconds=PATIENCE, what="half an hour")
        self.gets("I waited 30 minutes")

    def _half_an_hour(self) -> bool:
        with suppress(*AWAY):
            self._stack.vault.let_time_pass(self.phone, timedelta(minutes=31))
            return True
        return False

    def violations(self) -> list[str]:
        """Wrong counts of answers, and of reports in the vault, once all has settled."""
        came = [_said(message) for message in self.phone.chat()]
        counts = {answer: sum(answer in said for said in came) for answer in self._expected}
        found = [
            f"{counts[answer]} times {answer!r}, not {expected}"
            for answer, expected in self._expected.items()
            if counts[answer] != expected
        ]
        kept = len(self._stack.vault.reports(self.phone))
        if kept != len(self.reports):
            found.append(f"{kept} reports in the vault, not {len(self.reports)}")
        return found


@cache
def _large() -> bytes:
    """A PDF of four megabytes, which takes long enough to bring."""
    return pdfs.with_content(b"% " + secrets.token_hex(2_000_000).encode())


def _said(message: Message) -> str:
    """The text or mark by which an answer is known; messages that patients send have none."""
    if message["direction"] != "outbound":
        return ""
    return A_FILE if message["type"] == "document" else str(message.get("text", ""))


def patient(visit: Visit) -> None:
    """Files a report and gets it back."""
    visit.files()
    visit.fetches()


def reader(visit: Visit) -> None:
    """Asks for a report again and again."""
    visit.files()
    for _ in range(4):
        visit.fetches()


def doubter(visit: Visit) -> None:
    """Cancels a file that is being looked at, and another one at once."""
    visit.cancels(late=True)
    visit.cancels()
    visit.says("STOP", "Stopped", "nothing")


def sleeper(visit: Visit) -> None:
    """Leaves a question open."""
    visit.falls_asleep()
    visit.says("LIST", "Your vault is empty")


ROLES = (*[patient] * 12, *[reader] * 8, *[doubter] * 2, *[sleeper] * 2)


class Crowd:
    """Patients of all kinds at once; where one goes another comes, until the block ends."""

    def __init__(self, stack: Stack, roles: Sequence[Callable[[Visit], None]] = ROLES) -> None:
        self.visits: list[Visit] = []
        self.failures: list[tuple[Visit, str]] = []
        self._stack = stack
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._come, args=(role,)) for role in roles]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _come(self, role: Callable[[Visit], None]) -> None:
        while not self._closing.is_set():
            visit = Visit(self._stack)
            try:
                role(visit)
                self.visits.append(visit)
            except Exception as failed:  # noqa: BLE001 - told at the end, whatever it is
                self.failures.append((visit, f"a {role.__name__}: {failed}"))
            visit.ended = time.monotonic()
