"""Each user of the broker does its process' work and nothing else; the one user does everything."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.adapters.amqp.topology import READ_BY, Declaration, declarations
from medvault.domain.errors import Unavailable
from medvault.ports import Queue
from medvault_operator.resources import generated_logins
from medvault_operator.vault.components import SERVICES
from support.medical_vaults import ROUTED, vault
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.rabbitmq import PrivateRabbitMQ
from support.servers.waiting import wait_until

Checked = AmqpPublisher | ThreadedPublisher
ALL = {queue.name: queue for queue in declarations("medvault.")}
ELSEWHERE = ("amq.direct", "amq.topic", "amq.fanout")


class Divided:
    """A broker of the release before, whose users this operator has made besides its one."""

    def __init__(self, server: PrivateRabbitMQ) -> None:
        self.server = server
        self.before = server.answer()
        declare(server.url)
        made = generated_logins.broker(vault(ROUTED), os.urandom, server.url)
        server.restart(definitions=made["definitions.json"])
        self._made = made

    def url(self, process: str) -> str:
        """The URL of a process' user, or of the one user."""
        if process == "all":
            return self.server.url
        place = urlsplit(self.server.url).netloc.rpartition("@")[2]
        parts = urlsplit(self._made[f"{process}-url"])
        login = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


@pytest.fixture(scope="module")
def divided() -> Iterator[Divided]:
    with PrivateRabbitMQ() as server:
        yield Divided(server)


def declared(channel: BlockingChannel, queue: Declaration) -> None:
    channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))


def consumed(channel: BlockingChannel, queue: Declaration) -> None:
    channel.basic_cancel(channel.basic_consume(queue.name, lambda *_: None))


def purged(channel: BlockingChannel, queue: Declaration) -> None:
    channel.queue_purge(queue.name)


def bound(channel: BlockingChannel, queue: Declaration) -> None:
    channel.queue_bind(queue.name, "amq.direct")


def published(channel: BlockingChannel, queue: Declaration) -> None:
    channel.confirm_delivery()
    channel.basic_publish("", queue.name, b"", mandatory=True)


VERBS = {one.__name__: one for one in (declared, consumed, purged, bound, published)}


def allowed(url: str) -> dict[str, set[str]]:
    """The rights of a user: each verb with its queues."""
    found: dict[str, set[str]] = {verb: set() for verb in VERBS}
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        for verb, act in VERBS.items():
            for name, queue in ALL.items():
                try:
                    act(connection.channel(), queue)
                except ChannelClosedByBroker as refused:
                    if refused.reply_code != 403:
                        raise
                else:
                    found[verb].add(name)
    return found


@pytest.mark.parametrize("process", [*READ_BY, "all"])
def test_a_user_reads_and_declares_the_queues_of_its_process_only(
    divided: Divided, process: str
) -> None:
    mine = set(ALL)
    if process != "all":
        mine = {queue.name for queue in declarations("medvault.", READ_BY[process])}
    assert allowed(divided.url(process)) == {
        **dict.fromkeys(("declared", "consumed", "purged"), mine),
        "bound": set(ALL) if process == "all" else set(),
        "published": set(ALL),
    }


@pytest.mark.parametrize("process", READ_BY)
def test_a_user_publishes_by_no_other_exchange_and_makes_none(
    divided: Divided, process: str
) -> None:
    with closing(pika.BlockingConnection(pika.URLParameters(divided.url(process)))) as connection:
        for exchange in ELSEWHERE:
            channel = connection.channel()
            channel.confirm_delivery()
            with pytest.raises(ChannelClosedByBroker):
                channel.basic_publish(exchange, "medvault.intake", b"")
        with pytest.raises(ChannelClosedByBroker):
            connection.channel().exchange_declare("elsewhere")


def test_nobody_is_an_administrator_who_was_one_before(divided: Divided) -> None:
    assert divided.before == 200
    users = [divided.url(process) for process in (*READ_BY, "all")]
    assert {divided.server.answer(user) for user in users} == {401}


def test_processes_do_their_work_with_users_of_their_own(
    divided: Divided, handler: ScriptedHandler
) -> None:
    readers = [one.value for one in SERVICES if READ_BY[one.value]]
    workers = [ScriptedWorker(divided.url(one), handler, process=one) for one in readers]
    publisher = ThreadedPublisher(divided.url("api"))
    publisher.start()
    ids = {queue: uuid4() for queue in Queue}
    try:
        wait_until(lambda: not absent(publisher), seconds=10, what="connection")
        for queue in (Queue.INBOUND, Queue.MEDIA, Queue.OUTBOUND):
            publisher.wake(queue, [ids[queue]])
        asyncio.run(spill(divided.url("api"), ids[Queue.INTAKE].bytes))
        handler.expect([*ids.values()], seconds=20)
    finally:
        publisher.stop()
        for worker in workers:
            worker.kill()


def test_a_broker_that_has_lost_its_queues_gets_them_back_from_who_reads_them(
    divided: Divided, handler: ScriptedHandler
) -> None:
    with closing(pika.BlockingConnection(pika.URLParameters(divided.url("all")))) as connection:
        channel = connection.channel()
        for name in ALL:
            channel.queue_delete(name)
        workers = [
            ScriptedWorker(divided.url(one), handler, process=one)
            for one in ("inbound", "media", "outbound")
        ]
        try:
            wait_until(lambda: there(connection) == set(ALL), seconds=20, what="the queues")
        finally:
            for worker in workers:
                worker.kill()


def there(connection: pika.BlockingConnection) -> set[str]:
    found = set()
    for name in ALL:
        try:
            connection.channel().queue_declare(name, passive=True)
        except ChannelClosedByBroker:
            continue
        found.add(name)
    return found


def test_the_users_passwords_are_hashed_in_what_the_broker_reads() -> None:
    made = generated_logins.broker(vault(ROUTED), os.urandom, "amqp://medvault:two.words@broker/")
    told = made["definitions.json"]
    assert json.loads(told)["users"]
    for key, value in made.items():
        if key.endswith("-url"):
            assert (urlsplit(value).password or "") not in told
    assert "two.words" not in told


def absent(publisher: Checked) -> bool:
    try:
        publisher.check()
    except Unavailable:
        return True
    return False


async def spill(url: str, sealed: bytes) -> None:
    publisher = AmqpPublisher(url)
    await publisher.start()
    up = partial(wait_until, lambda: not absent(publisher), seconds=10, what="connection")
    await asyncio.to_thread(up)
    await publisher.spill(sealed)
    await publisher.stop()
