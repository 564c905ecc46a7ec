"""Messages on the wire: wake-ups as packed ids, those for media in Celery's protocol 2."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from medvault.domain.errors import Permanent
from medvault.ports import Queue

IDS_PER_MESSAGE: Final = 32
"""Few enough that a queue's length still shows its load."""

MEDIA_TASK: Final = "medvault.media.process"

OCTETS: Final = {"content_type": "application/octet-stream"}

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class WakeUp:
    """A body, its AMQP properties by their names in pika, and how many ids it carries."""

    body: bytes
    properties: dict[str, Any]
    ids: int


def pack(ids: Sequence[UUID]) -> bytes:
    """Write ids one after the other, 16 bytes each."""
    return b"".join(id.bytes for id in ids)


def unpack(body: bytes) -> list[UUID]:
    """Read what `pack` wrote; raises `Permanent` on any other length."""
    if not body or len(body) % _ID_BYTES:
        raise Permanent(f"a wake-up of {len(body)} bytes")
    return [UUID(bytes=body[at : at + _ID_BYTES]) for at in range(0, len(body), _ID_BYTES)]


def wake_ups(queue: Queue, ids: Sequence[UUID]) -> Iterator[WakeUp]:
    """Write wake-ups in as few messages as the queue's form allows."""
    if queue is Queue.MEDIA:
        yield from map(_media_task, ids)
        return
    for at in range(0, len(ids), IDS_PER_MESSAGE):
        some = ids[at : at + IDS_PER_MESSAGE]
        yield WakeUp(pack(some), OCTETS, len(some))


def _media_task(id: UUID) -> WakeUp:
    """Celery's protocol 2; argsrepr and kwargsrepr, which workers log and show, stay empty."""
    task = str(uuid4())
    body = json.dumps([[str(id)], {}, {}]).encode()
    headers = {
        "lang": "py",
        "task": MEDIA_TASK,
        "id": task,
        "root_id": task,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "argsrepr": "",
        "kwargsrepr": "",
        "ignore_result": True,
    }
    properties = {
        "content_type": "application/json",
        "content_encoding": "utf-8",
        "correlation_id": task,
        "headers": headers,
    }
    return WakeUp(body, properties, 1)
