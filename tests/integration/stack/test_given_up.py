"""A webhook that the broker has given up was only delivered often: nobody tried it."""

from contextlib import closing
from secrets import token_hex

import pika

from medvault.adapters.amqp.topology import DEFAULT_PREFIX, dead_queue_name
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.place import Place
from medvault.ports import Queue
from support.stack.dead_letters import dead, wait_for_dead
from support.stack.meta import envelope, messages
from support.stack.stack import Stack


def give_up(stack: Stack, body: bytes) -> None:
    """Has the broker give up a webhook, as after too many deliveries."""
    sealed = ValueSealer(KeyRing.parse(stack.keys.ring)).seal(body, Place.webhook())
    with closing(pika.BlockingConnection(pika.URLParameters(stack.servers.amqp_url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", dead_queue_name(DEFAULT_PREFIX, Queue.INTAKE), sealed)


def test_a_webhook_that_the_broker_gave_up_is_handled(stack: Stack) -> None:
    phone, before = stack.phone(), len(dead(stack, "webhook"))
    phone.say("hello", "Welcome")
    said = {"from_user_id": phone.user_id, "id": f"wamid.{token_hex(8)}", "type": "text"}
    give_up(stack, envelope(messages({**said, "text": {"body": "LIST"}})))
    phone.answer("Your vault is empty")
    assert len(dead(stack, "webhook")) == before


def test_what_nobody_can_read_is_set_aside_with_its_reason(stack: Stack) -> None:
    before = len(dead(stack, "webhook"))
    with closing(pika.BlockingConnection(pika.URLParameters(stack.servers.amqp_url))) as connection:
        queue = dead_queue_name(DEFAULT_PREFIX, Queue.INTAKE)
        connection.channel().basic_publish("", queue, token_hex(8).encode())
    wait_for_dead(stack, "webhook", before + 1)
    assert dead(stack, "webhook")[-1][2] == "raised"
