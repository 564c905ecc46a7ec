"""What a process of medvault left as its last word: a line of JSON."""

import json
from dataclasses import dataclass

ERROR = "error"
STORE_LACKS = "store_lacks"
LOGINS = "logins"


@dataclass(frozen=True, slots=True)
class Report:
    """Why a process ended, or what it found the store to lack; `lacks` is None if it didn't look.

    `divides` tells that its image knows logins of single processes, and has admitted what it got.

    Both are medvault's own words, which name settings and no values.
    """

    error: str = ""
    lacks: tuple[str, ...] | None = None
    divides: bool = False


def report(said: str) -> Report:
    """Read a termination message; one of another program says nothing to us."""
    try:
        facts = json.loads(said)
    except ValueError:
        return Report()
    if not isinstance(facts, dict):
        return Report()
    lacks = facts.get(STORE_LACKS)
    return Report(
        error=str(facts.get(ERROR, "")),
        lacks=tuple(map(str, lacks)) if isinstance(lacks, list) else None,
        divides=LOGINS in facts,
    )
