"""A child's messages to its parent: lines of two words over its stdout.

First `ready`, once it is shut in; then one of `objection` with a verdict, `sound`, `as_it_came` for
a sound picture that can go back so, and `size` or `smaller` with a number, behind which as many
bytes follow: `smaller` where a picture is narrower and lower in them than it was.
Nothing that a child can say lets a file into a vault.
"""

from enum import StrEnum

from medvault.domain.media import Verdict

LONGEST = 64
"""Bytes of a line."""

_DIGITS = 12
_OF_OTHERS = frozenset(
    {
        *(Verdict.CLEAN, Verdict.NOT_SCANNED, Verdict.INFECTED, Verdict.WAITING),
        *(Verdict.EXPIRED, Verdict.FAILED, Verdict.UNCHECKED, Verdict.TOO_SLOW),
    }
)
"""Verdicts that are not for the process to give that reads the file."""


class Task(StrEnum):
    """The task that a child is started for."""

    CHECK = "check"
    CONVERT = "convert"
    DISARM = "disarm"


class Say(StrEnum):
    """The first word of a child's line."""

    READY = "ready"
    SOUND = "sound"
    OBJECTION = "objection"
    SIZE = "size"
    SMALLER = "smaller"
    AS_IT_CAME = "as_it_came"


def line(say: Say, value: str | int = "") -> bytes:
    """Write a line."""
    return f"{say} {value}".encode() + b"\n"


def parse(text: bytes) -> tuple[Say, str]:
    """Read a line without its end; raises ValueError."""
    say, _, value = text.decode("ascii").partition(" ")
    return Say(say), value


def objection(value: str) -> Verdict:
    """Read what a child has against a file; raises ValueError for what it can't know or give."""
    verdict = Verdict(value)
    if verdict in _OF_OTHERS:
        raise ValueError("not for a child to say")
    return verdict


def number(value: str) -> int:
    """Read a size; raises ValueError."""
    if not value.isdecimal() or len(value) > _DIGITS:
        raise ValueError("not a size")
    return int(value)
