"""The queues as RabbitMQ has them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika
import pytest
import structlog

from medvault.adapters.amqp.messages import MEDIA_TASK
from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.adapters.amqp.topology import declarations
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Refused, Unavailable
from medvault.observability.redaction import redact
from medvault.ports import Queue
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until

ALL = {declaration.name for declaration in declarations("medvault.")}


def there(rabbitmq: RabbitMQ, url: str) -> set[str]:
    """The queues of a virtual host."""
    found = rabbitmq.management("GET", f"/api/queues{urlsplit(url).path}").json()
    return {queue["name"] for queue in found}


def test_only_our_queues_are_declared_and_all_are_quorum_queues(
    amqp_url: str, rabbitmq: RabbitMQ, handler: ScriptedHandler
) -> None:
    ids = [uuid4()]
    publisher = ThreadedPublisher(amqp_url)
    publisher.start()
    with ScriptedWorker(amqp_url, handler, media=True), ScriptedWorker(amqp_url, handler):
        wait_until(lambda: there(rabbitmq, amqp_url) == ALL, seconds=15, what="the queues")
        publisher.wake(Queue.MEDIA, ids)
        publisher.wake(Queue.INBOUND, ids)
        wait_until(lambda: len(handler.handled) == 2, seconds=15, what="both workers")
        vhost = urlsplit(amqp_url).path
        queues = rabbitmq.management("GET", f"/api/queues{vhost}").json()
        exchanges = rabbitmq.management("GET", f"/api/exchanges{vhost}").json()
    publisher.stop()
    assert {queue["name"] for queue in queues} == ALL
    assert {queue["type"] for queue in queues} == {"quorum"}
    assert all(e["name"].startswith("amq.") or not e["name"] for e in exchanges)


def test_a_queue_with_other_arguments_ends_the_worker_by_its_name(
    amqp_url: str, handler: ScriptedHandler
) -> None:
    with closing(pika.BlockingConnection(pika.URLParameters(amqp_url))) as connection:
        connection.channel().queue_declare("medvault.inbound", durable=True)
    with ScriptedWorker(amqp_url, handler) as worker:
        assert worker.wait() == 1
        assert "RabbitMQ refuses the queue medvault.inbound" in worker.log
        assert "delete it, and it is declared again" in worker.log


def test_who_may_not_publish_hears_which_right_is_missing(
    amqp_url: str, rabbitmq: RabbitMQ
) -> None:
    reader = rabbitmq.new_user(amqp_url, configure="", write="", read=".*")
    publisher = ThreadedPublisher(reader)
    with structlog.testing.capture_logs(processors=[redact]) as logs:
        publisher.start()
        wait_until(lambda: connected(publisher), seconds=5, what="connection")
        publisher.wake(Queue.INBOUND, [uuid4()])
        wait_until(lambda: "refuses a message" in str(logs), seconds=5, what="the refusal")
    publisher.stop()
    told = next(line for line in logs if "refuses a message" in line["event"])
    assert told["event"].endswith("the right to write to amq.default")
    assert told["code"] == 403


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"netloc": "nobody:wrong@{place}"}, "login"),
        ({"path": "/not-there"}, "database"),
        ({"netloc": "nobody:wrong@127.0.0.1:9"}, None),
    ],
    ids=["login", "virtual host", "address"],
)
def test_a_check_says_why_the_broker_is_away(
    amqp_url: str, wrong: dict[str, str], reason: str | None
) -> None:
    right = urlsplit(amqp_url)
    place = right.netloc.rpartition("@")[2]
    parts = {name: value.format(place=place) for name, value in wrong.items()}
    publisher = ThreadedPublisher(urlunsplit(right._replace(**parts)))
    publisher.start()
    wait_until(lambda: absence(publisher) == reason, seconds=10, what=f"reason {reason}")
    publisher.stop()


def absence(publisher: ThreadedPublisher) -> str | None:
    """The word of a refusal; None where nobody answers, or answered yet."""
    with pytest.raises(Unavailable) as caught:
        publisher.check()
    return caught.value.reason if isinstance(caught.value, Refused) else None


def connected(publisher: ThreadedPublisher) -> bool:
    try:
        publisher.check()
    except Unavailable:
        return False
    return True


def test_a_message_that_never_works_is_dead_lettered_after_five_tries(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    poisonous, innocent = uuid4(), uuid4()
    handler.poison(poisonous)
    with ScriptedWorker(amqp_url, handler):
        publisher.wake(Queue.INBOUND, [poisonous])
        wait_until(lambda: depth("medvault.inbound.dead") == 1, seconds=15, what="the dead letter")
        publisher.wake(Queue.INBOUND, [innocent])
        handler.expect([innocent])
    assert handler.began.count([poisonous]) == MAX_ATTEMPTS
    assert depth("medvault.inbound") == 0


def test_a_media_task_shows_its_id_in_its_body_alone(
    amqp_url: str, publisher: ThreadedPublisher, handler: ScriptedHandler
) -> None:
    id = uuid4()
    with closing(pika.BlockingConnection(pika.URLParameters(amqp_url))) as connection:
        channel = connection.channel()
        publisher.wake(Queue.MEDIA, [id])
        wait_until(
            lambda: channel.queue_declare("medvault.media", passive=True).method.message_count,
            seconds=5,
            what="the message",
        )
        method, properties, body = channel.basic_get("medvault.media")
        channel.basic_reject(method.delivery_tag)
    assert properties.headers["task"] == MEDIA_TASK
    assert (properties.headers["argsrepr"], properties.headers["kwargsrepr"]) == ("", "")
    assert str(id).encode() in body
    assert str(id) not in str(properties)
    with ScriptedWorker(amqp_url, handler, media=True) as worker:
        handler.expect([id])
        wait_until(lambda: "succeeded" in worker.log, seconds=5, what="its end in the log")
        assert str(id) not in worker.log


def test_a_media_task_that_raises_is_dead_lettered_at_once(
    amqp_url: str,
    publisher: ThreadedPublisher,
    handler: ScriptedHandler,
    depth: Callable[[str], int],
) -> None:
    poisonous = uuid4()
    handler.poison(poisonous)
    with ScriptedWorker(amqp_url, handler, media=True):
        publisher.wake(Queue.MEDIA, [poisonous])
        wait_until(lambda: depth("medvault.media.dead") == 1, seconds=15, what="the dead letter")
    assert handler.began == [[poisonous]]


def test_a_webhook_that_intake_has_no_room_for_is_refused(
    amqp_url: str, rabbitmq: RabbitMQ, publisher: ThreadedPublisher
) -> None:
    vhost = urlsplit(amqp_url).path
    full = {"pattern": "intake$", "definition": {"max-length": 1}, "apply-to": "queues"}
    rabbitmq.management("PUT", f"/api/policies{vhost}/full", full)

    async def spill_until_refused(publisher: AmqpPublisher) -> None:
        for _ in range(100):
            await publisher.spill(b"sealed")

    with pytest.raises(Unavailable):
        with_publisher(amqp_url, spill_until_refused)


def test_a_webhook_is_refused_while_intake_is_missing(
    amqp_url: str, publisher: ThreadedPublisher
) -> None:
    async def spill_into_nothing(publisher: AmqpPublisher) -> None:
        with closing(pika.BlockingConnection(pika.URLParameters(amqp_url))) as connection:
            connection.channel().queue_delete("medvault.intake")
        await publisher.spill(b"sealed")

    with pytest.raises(Unavailable):
        with_publisher(amqp_url, spill_into_nothing)


def test_a_wake_up_just_before_the_end_is_published(
    amqp_url: str, publisher: ThreadedPublisher, depth: Callable[[str], int]
) -> None:
    publisher.wake(Queue.OUTBOUND, [uuid4()])
    publisher.stop()
    wait_until(lambda: depth("medvault.outbound") == 1, seconds=5, what="the message")
    publisher.wake(Queue.OUTBOUND, [uuid4()])
    assert publisher.dropped == 1


def with_publisher(url: str, use: Callable[[AmqpPublisher], Awaitable[None]]) -> None:
    """Runs `use` on an event loop with a connected publisher."""

    async def run() -> None:
        publisher = AmqpPublisher(url)
        await publisher.start()
        await asyncio.to_thread(wait_until, lambda: is_up(publisher), seconds=5, what="connection")
        try:
            await use(publisher)
        finally:
            await publisher.stop()

    asyncio.run(run())


def is_up(publisher: AmqpPublisher) -> bool:
    try:
        publisher.check()
    except Unavailable:
        return False
    return True
