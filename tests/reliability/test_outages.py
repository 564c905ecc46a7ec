"""A server dies or freezes under load: webhooks are answered, and all is well soon after."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from support import pdfs
from support.servers.private import PrivateServer
from support.servers.waiting import wait_until
from support.stack.attachment import Attachment, attaching
from support.stack.breakable import BACK, Breakable, breakable_stack, frozen
from support.stack.filing import answered, list_one
from support.stack.meta import envelope, messages, text_of
from support.stack.stack import wait_for_empty_queues
from support.stack.traffic import Answers

SERVERS = ("broker", "cache", "store", "scanner", "database")
ANSWERED_WITHIN = 250.0
"""Milliseconds, by 99 of 100 webhooks."""
REFUSED_WITHIN = 2.0
ATTACHED_WITHIN = 3.0

Figures = Callable[..., None]
pytestmark = [
    pytest.mark.calm,
    pytest.mark.long("each server dies and freezes in turn, and traffic goes on until all is well"),
]


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    with breakable_stack(tmp_path_factory.mktemp("breakable")) as running:
        yield running


@pytest.fixture
def rate(full: bool) -> int:
    """Webhooks a second."""
    return 200 if full else 60


@pytest.fixture
def lasting(full: bool) -> int:
    """The seconds of an outage."""
    return 20 if full else 2


class Outage:
    """Servers that are away from `begin` to `end`."""

    def __init__(self, how: str, *servers: PrivateServer) -> None:
        self._how = how
        self._servers = servers

    def begin(self) -> None:
        for server in self._servers:
            (server.kill if self._how == "dead" else server.pause)()

    def end(self) -> None:
        for server in self._servers:
            (server.start if self._how == "dead" else server.resume)()


class Watched:
    """The stack under its traffic, with a patient who wants something done meanwhile."""

    def __init__(self, breakable: Breakable, rate: int) -> None:
        self.stack = breakable.stack
        self._broker = breakable.broker
        self._rate = rate
        self._pids = [process.pid for process in self.stack.processes]
        self._phone = self.stack.phone()
        self._pdf = pdfs.scanned()

    def let_webhooks_come(self, seconds: float) -> None:
        """Waits until this much traffic was answered, one way or the other."""
        expected = self._answered() + seconds * self._rate
        wait_until(lambda: self._answered() >= expected, seconds=60, what="answers to webhooks")

    def ask(self) -> None:
        """The patient writes and sends a file."""
        self._phone.send(text="HELP")
        self._phone.send_file(self._pdf, "report.pdf", "application/pdf")

    def attaching(self) -> AbstractContextManager[Attachment]:
        """Watches how soon the workers are back after the broker."""
        return attaching(self._broker.url, self.stack.processes[1:])

    def expect_well(self) -> float:
        """Waits until all is as ever; returns how many seconds that took."""
        since = time.monotonic()
        self._phone.answer("What I can do", BACK)
        self._phone.answer("What date", BACK)
        wait_until(self._well, seconds=BACK, what="the end of all trouble")
        return round(time.monotonic() - since, 2)

    def expect_filed(self) -> None:
        """The patient files the report and gets it back; nothing is left to do, anywhere."""
        answered(self._phone)
        list_one(self._phone)
        assert self._phone.download(self._phone.say("GET 1", "City Hospital")) == self._pdf
        self.stack.settle()
        wait_for_empty_queues(self._broker, self.stack.servers.amqp_url)
        assert [process.pid for process in self.stack.processes] == self._pids
        assert all(process.runs for process in self.stack.processes)

    def _well(self) -> bool:
        states = [
            found["state"]
            for process in self.stack.processes
            for found in process.dependencies().values()
        ]
        return set(states) == {"up"} and self.stack.vault.lag() < 1

    def _answered(self) -> float:
        answers = ("200", "503")
        return sum(
            self.stack.api.metric("medvault_webhook_requests_total", answer=answer)
            for answer in answers
        )


def told(answers: Answers) -> dict[str, float]:
    """The measured figures of the webhooks."""
    return {
        "webhooks": len(answers.answers),
        "failed": answers.failed,
        "p50_ms": answers.milliseconds(0.5),
        "p99_ms": answers.milliseconds(0.99),
        "longest_ms": answers.milliseconds(1),
    }


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["dead", "frozen"])
@pytest.mark.parametrize("name", SERVERS)
def test_webhooks_are_answered_while_one_server_is_away_and_all_is_well_soon_after(
    breakable: Breakable, rate: int, lasting: int, figures: Figures, name: str, how: str
) -> None:
    watched, outage = Watched(breakable, rate), Outage(how, getattr(breakable, name))
    watching = watched.attaching() if name == "broker" else nullcontext(Attachment())
    with breakable.stack.meta.traffic(rate) as traffic:
        watched.let_webhooks_come(1)
        outage.begin()
        watched.ask()
        watched.let_webhooks_come(lasting)
        with watching as attached:
            outage.end()
            recovered = watched.expect_well()
        watched.let_webhooks_come(1)
        answers = traffic.finish()
    figures(**told(answers), recovered_s=recovered, attached_s=attached.seconds)
    watched.expect_filed()
    assert answers.failed == 0
    assert answers.milliseconds(0.99) <= ANSWERED_WITHIN
    assert recovered <= BACK
    assert attached.seconds <= ATTACHED_WITHIN
    assert breakable.stack.vault.missing(answers.accepted) == 0


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_webhooks_are_refused_in_time_while_neither_database_nor_broker_takes_them(
    breakable: Breakable, rate: int, lasting: int, figures: Figures, how: str
) -> None:
    watched, outage = Watched(breakable, rate), Outage(how, breakable.database, breakable.broker)
    with breakable.stack.meta.traffic(rate) as traffic:
        watched.let_webhooks_come(1)
        outage.begin()
        watched.ask()
        watched.let_webhooks_come(lasting)
        outage.end()
        recovered = watched.expect_well()
        watched.let_webhooks_come(1)
        answers = traffic.finish()
    longest = max(answer.seconds for answer in answers.answers)
    figures(**told(answers), recovered_s=recovered, longest_s=longest)
    watched.expect_filed()
    assert set(answers.statuses) == {200, 503}
    assert longest <= REFUSED_WITHIN
    assert recovered <= BACK
    assert breakable.stack.vault.missing(answers.accepted) == 0


def test_meta_is_asked_to_try_again_within_two_seconds_when_nothing_takes_a_webhook(
    breakable: Breakable,
) -> None:
    phone = breakable.stack.phone()
    with frozen(breakable.database, breakable.broker):
        body = envelope(messages(text_of(phone.user_id, "wamid.nowhere", "HELP")))
        for _ in range(3):
            start = time.monotonic()
            answer = breakable.stack.meta.post(body)
            assert answer.status == 503
            assert time.monotonic() - start < REFUSED_WITHIN
            assert int(answer.headers["retry-after"]) > 0
        assert breakable.stack.api.get("/health").status == 200
        phone.send(text="LIST")
    phone.answer("Your vault is empty", seconds=BACK)
    breakable.stack.settle()


@pytest.mark.timeout(240)
def test_a_broker_that_lost_its_data_is_filled_again_and_nothing_is_lost(
    breakable: Breakable, rate: int, lasting: int, figures: Figures
) -> None:
    watched = Watched(breakable, rate)
    with breakable.stack.meta.traffic(rate) as traffic:
        watched.let_webhooks_come(1)
        watched.ask()
        breakable.broker.wipe()
        watched.let_webhooks_come(lasting)
        with watched.attaching() as attached:
            breakable.broker.start()
            recovered = watched.expect_well()
        watched.let_webhooks_come(1)
        answers = traffic.finish()
    figures(**told(answers), recovered_s=recovered, attached_s=attached.seconds)
    watched.expect_filed()
    assert answers.failed == 0
    assert answers.milliseconds(0.99) <= ANSWERED_WITHIN
    assert attached.seconds <= ATTACHED_WITHIN
    assert breakable.stack.vault.missing(answers.accepted) == 0
