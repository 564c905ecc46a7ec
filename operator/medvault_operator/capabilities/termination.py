"""The termination message of a process of medvault: a line of JSON."""

import json
from dataclasses import dataclass

ERROR = "error"
STORE_LACKS = "store_lacks"
LOGINS = "logins"


@dataclass(frozen=True, slots=True)
class Termination:
    """Why a process ended, or what the store lacks; `lacks` is None if the process didn't look.

    `divides` tells that its image knows logins of single processes, and has admitted those it got.
    The words are medvault's own: they name settings and no values.
    """

    error: str = ""
    lacks: tuple[str, ...] | None = None
    divides: bool = False


def termination(said: str) -> Termination:
    """Read a message; one of another program says nothing to us."""
    try:
        facts = json.loads(said)
    except ValueError:
        return Termination()
    if not isinstance(facts, dict):
        return Termination()
    lacks = facts.get(STORE_LACKS)
    return Termination(
        error=str(facts.get(ERROR, "")),
        lacks=tuple(map(str, lacks)) if isinstance(lacks, list) else None,
        divides=LOGINS in facts,
    )
