"""Fail-points: places where a test has a process die, as a kill would have it, just there.

Every step that reaches out of the process has one before and one after it. None is armed unless
`MEDVAULT_FAILPOINTS` names it, and then a process that reaches it ends at once.
"""

import os
from enum import StrEnum
from typing import Final

from medvault.domain.errors import Permanent
from medvault.ports import Queue
from medvault.ports.transactions import Transaction

VARIABLE: Final = "MEDVAULT_FAILPOINTS"
"""Names with commas between; `name:3` dies when it is reached for the third time."""

EXIT_CODE: Final = 86


class OutwardStep(StrEnum):
    """A step that reaches out of a process, transactions apart."""

    COMMIT_INBOX = "inbox.commit"
    ANSWER_WEBHOOK = "webhook.answer"

    PUBLISH_INTAKE = "intake.publish"
    PUBLISH_INBOUND = "inbound.publish"
    PUBLISH_MEDIA = "media.publish"
    PUBLISH_OUTBOUND = "outbound.publish"
    CONFIRM_INTAKE = "intake.confirm"

    ACKNOWLEDGE_INTAKE = "intake.acknowledge"
    ACKNOWLEDGE_INBOUND = "inbound.acknowledge"
    ACKNOWLEDGE_MEDIA = "media.acknowledge"
    ACKNOWLEDGE_OUTBOUND = "outbound.acknowledge"

    FETCH_FILE = "channel.fetch"
    UPLOAD_FILE = "channel.upload"
    SEND_LETTER = "channel.send"

    PUT_OBJECT = "store.put"
    COPY_OBJECT = "store.copy"
    DELETE_OBJECT = "store.delete"

    STORE_SESSIONS = "cache.store"


PUBLISH: Final = {queue: OutwardStep(f"{queue}.publish") for queue in Queue}
ACKNOWLEDGE: Final = {queue: OutwardStep(f"{queue}.acknowledge") for queue in Queue}

CATALOGUE: Final = tuple(
    f"{step}.{side}"
    for step in (*(one for one in Transaction if one.writes), *OutwardStep)
    for side in ("before", "after")
)
"""The names of all fail-points."""

_armed: dict[str, int] = {}
"""How often each that is armed may still be reached, the last time included."""


class UnknownFailPoint(Permanent):
    """Nothing has that name: a test that arms it would test nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{VARIABLE}: there is no fail-point {name!r}")


def arm(names: str) -> None:
    """Arm what `names` says, and nothing else; raises `UnknownFailPoint`."""
    wanted = {}
    for item in filter(None, names.split(",")):
        name, _, times = item.partition(":")
        if name not in CATALOGUE or not (times or "1").isdecimal():
            raise UnknownFailPoint(item)
        wanted[name] = int(times or 1)
    _armed.clear()
    _armed.update(wanted)


def before(step: OutwardStep | Transaction) -> None:
    """Die here, if the fail-point before a step is armed."""
    if _armed:
        _reach(f"{step}.before")


def after(step: OutwardStep | Transaction) -> None:
    """Die here, if the fail-point after a step is armed."""
    if _armed:
        _reach(f"{step}.after")


def _reach(name: str) -> None:
    if name in _armed:
        _armed[name] -= 1
        if _armed[name] <= 0:
            os.write(2, f"fail-point {name}\n".encode())
            os._exit(EXIT_CODE)
