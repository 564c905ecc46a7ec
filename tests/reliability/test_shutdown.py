"""Processes are told to end under load, one after the other, and nobody notices."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest

from support import pdfs
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.meta import Meta, envelope, messages, text_of
from support.stack.phone import Phone
from support.stack.service import Service, Spawn
from support.stack.stack import redelivered, wait_for_empty_queues

GRACE = 30.0
"""Seconds that Kubernetes gives a pod to end."""

IN_FLIGHT = 1
"""Messages that the queue has handed to a channel just as its consumer is cancelled: RabbitMQ takes
them back by itself, so nobody can finish them."""

DRAIN = 4.0
TWO_OF_EACH = Sizes(api=2, inbound=2, media=2, outbound=2)


@pytest.fixture(scope="module")
def fleet(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
    spawn: Spawn,
) -> Iterator[Fleet]:
    settings = {"drain_seconds": str(DRAIN)}
    folder = tmp_path_factory.mktemp("fleet")
    with (
        new_servers() as servers,
        running_fleet(servers, folder, TWO_OF_EACH, settings=settings, spawn=spawn) as running,
    ):
        yield running


def keep_busy(fleet: Fleet) -> Phone:
    """Somebody writes, and sends a file that takes a while to look into."""
    phone = fleet.phone()
    for text in ("HELP", "LIST", "HELP"):
        phone.send(text=text)
    phone.send_file(pdfs.many_pages(300), "report.pdf", "application/pdf")
    return phone


def replaced(fleet: Fleet, process: Service) -> float:
    """Ends a process and starts it again, as a rolling update does; returns the time to its end."""
    since = time.monotonic()
    assert process.terminate() == 0
    ended = time.monotonic() - since
    process.start()
    process.wait()
    if process in fleet.apis:
        wait_until(lambda: served(process), seconds=10, what="webhooks from the balancer")
    return round(ended, 2)


def served(api: Service) -> float:
    return api.metric("medvault_webhook_requests_total", answer="200")


@pytest.mark.long("every process of a fleet is replaced, one after the other")
@pytest.mark.timeout(400)
def test_no_webhook_fails_and_nothing_is_handed_back_while_every_process_is_replaced(
    fleet: Fleet, rabbitmq: RabbitMQ, full: bool, figures: Callable[..., None]
) -> None:
    took: dict[str, float] = {}
    firsts = [kind[0] for kind in (fleet.inbound, fleet.media, fleet.outbound)]
    replacing = list(fleet.processes * 3) if full else [*fleet.apis, *firsts]
    with fleet.meta.traffic(400 if full else 150) as traffic:
        for process in replacing:
            phone = keep_busy(fleet)
            name = process.name.partition("-")[0]
            took[name] = max(took.get(name, 0), replaced(fleet, process))
            phone.answer("What date")
        answers = traffic.finish()
    fleet.settle(30)
    wait_for_empty_queues(rabbitmq, fleet.servers.amqp_url)
    again = redelivered(rabbitmq, fleet.servers.amqp_url)
    figures(
        webhooks=len(answers.answers),
        failed=answers.failed,
        p99_ms=answers.milliseconds(0.99),
        redelivered=sum(again.values()),
        **{f"{name}_ended_s": seconds for name, seconds in took.items()},
    )
    assert answers.failed == 0, answers.statuses
    assert sum(again.values()) <= len(replacing) * IN_FLIGHT
    assert max(took.values()) < GRACE
    assert fleet.vault.missing(answers.accepted) == 0


def test_an_api_told_to_end_serves_on_for_a_while_and_says_so(fleet: Fleet) -> None:
    api, phone = fleet.apis[0], fleet.phone()
    direct = Meta(fleet.meta.url, api.url, fleet.keys.app_secret)

    def closes() -> bool:
        wamid = f"wamid.{token_hex(8)}"
        answer = direct.post(envelope(messages(text_of(phone.user_id, wamid, "HELP"))))
        assert answer.status == 200
        return answer.headers.get("connection") == "close"

    assert not closes()
    os.kill(api.pid, signal.SIGTERM)
    wait_until(lambda: api.get("/ready").status == 503, seconds=1, what="an API that drains")
    assert api.get("/ready").json()["status"] == "draining"
    wait_until(closes, seconds=DRAIN, what="answers that close the connection")
    since = time.monotonic()
    assert api.terminate() == 0, "the second signal cuts it short"
    assert time.monotonic() - since < DRAIN / 2
    api.start()
    api.wait()
