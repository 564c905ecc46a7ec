"""What parent and child say to each other: JSON, a line each, over the child's stdin and stdout.

The child first says how many bytes it `received`, then one of `verdict`, `failure` and `size`;
`size` is followed by as many bytes.
"""

import json
from enum import StrEnum

RECEIVED, VERDICT, FAILURE, SIZE = "received", "verdict", "failure", "size"


class Task(StrEnum):
    """What a child is started for."""

    CHECK = "check"
    CONVERT = "convert"


class Failure(StrEnum):
    """Why there is no verdict although the file did nothing."""

    SCANNER_AWAY = "scanner_away"
    SCANNER_FAILED = "scanner_failed"


def line(key: str, value: str | int) -> bytes:
    """Write a line."""
    return json.dumps({key: value}).encode() + b"\n"


def parse(text: bytes) -> dict[str, str | int]:
    """Read a line; raises ValueError."""
    read: dict[str, str | int] = json.loads(text)
    return read
