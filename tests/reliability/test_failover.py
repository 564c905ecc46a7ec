"""The database freezes for ever and another one takes its address: all find it by themselves."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from support import pdfs
from support.servers.clamd import Clamd
from support.servers.postgres import Postgres
from support.servers.rabbitmq import RabbitMQ
from support.servers.relay import Relay
from support.servers.s3 import S3
from support.servers.valkey import Valkey
from support.servers.waiting import wait_until
from support.stack.breakable import BACK
from support.stack.environment import Servers
from support.stack.filing import file_pdf
from support.stack.service import Spawn
from support.stack.stack import Stack, running_stack


@pytest.fixture
def relay(postgres_wheel: Postgres) -> Iterator[Relay]:
    with Relay(urlsplit(postgres_wheel.url).port or 5432) as relay:
        yield relay


@pytest.fixture
def stack(
    relay: Relay,
    rabbitmq: RabbitMQ,
    postgres_wheel: Postgres,
    valkey: Valkey,
    s3: S3,
    clamd: Clamd,
    tmp_path_factory: pytest.TempPathFactory,
    spawn: Spawn,
) -> Iterator[Stack]:
    """A stack that reaches the database by the relay."""
    parts = urlsplit(postgres_wheel.url)
    netloc = f"{parts.username}:{parts.password}@127.0.0.1:{relay.port}"
    database = Postgres(urlunsplit(parts._replace(netloc=netloc)))
    servers = Servers(database, rabbitmq.new_vhost(), valkey.url, s3.new_bucket(), clamd)
    with running_stack(servers, tmp_path_factory.mktemp("failover"), spawn=spawn) as running:
        yield running
    rabbitmq.delete_vhost(servers.amqp_url)


@pytest.mark.long("a time-out of each connection, on its way to another database")
def test_processes_leave_a_frozen_database_for_the_one_that_took_its_place(
    stack: Stack, relay: Relay, figures: Callable[..., None]
) -> None:
    phone, pids = stack.phone(), [process.pid for process in stack.processes]
    with stack.meta.traffic(60) as traffic:
        phone.say("HELP", "What I can do")
        assert relay.strand() >= len(stack.processes)
        since = time.monotonic()
        phone.send(text="LIST")
        phone.answer("Your vault is empty", BACK)
        answered = time.monotonic() - since
        wait_until(
            lambda: (
                all(process.is_ready() for process in stack.processes) and stack.vault.lag() < 1
            ),
            seconds=BACK,
            what="processes that have found the database",
        )
        recovered = time.monotonic() - since
        answers = traffic.finish()
    figures(
        failed=answers.failed,
        p99_ms=answers.milliseconds(0.99),
        answered_s=round(answered, 2),
        recovered_s=round(recovered, 2),
    )
    file_pdf(phone, pdfs.scanned())
    stack.settle()
    assert answers.failed == 0
    assert recovered <= BACK
    assert [process.pid for process in stack.processes] == pids
    assert stack.vault.missing(answers.accepted) == 0
