"""Messages and webhooks that nobody can deal with, and patients who are there already."""

import asyncio
import secrets
from collections.abc import Sequence
from functools import partial

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.crypto.intake import IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.domain.errors import Unavailable
from medvault.domain.place import Place
from support.servers.waiting import wait_until
from support.stack.phone import Phone
from support.stack.stack import Stack

WITHIN = 60.0
"""Seconds from its arrival to its death."""


def greeted(stack: Stack, count: int) -> list[Phone]:
    """Patients who have written before."""
    phones = [stack.phone() for _ in range(count)]
    for phone in phones:
        phone.send(text="hello")
    for phone in phones:
        phone.answer("Welcome")
    return phones


def wamid() -> str:
    """A new message id."""
    return f"wamid.{secrets.token_hex(16)}"


def spill(stack: Stack, bodies: Sequence[bytes], place: Place = Place.webhook()) -> None:
    """Puts webhooks into `intake`, as an API does while the database is away."""
    sealer = IntakeSealer(IntakeKey.parse(stack.keys.intake))

    async def publish() -> None:
        publisher = AmqpPublisher(stack.servers.amqp_url)
        await publisher.start()
        attached = partial(wait_until, lambda: _attached(publisher), seconds=10, what="a broker")
        await asyncio.to_thread(attached)
        for body in bodies:
            await publisher.spill(sealer.seal(body, place))
        await publisher.stop()

    asyncio.run(publish())


def _attached(publisher: AmqpPublisher) -> bool:
    try:
        publisher.check()
    except Unavailable:
        return False
    return True
