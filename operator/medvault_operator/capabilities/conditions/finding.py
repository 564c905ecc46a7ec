"""A fault of a vault, in a word and in a sentence that says what to do next."""

from dataclasses import dataclass
from enum import IntEnum, auto

from medvault_operator.api.conditions import Reason


class Rank(IntEnum):
    """Order of findings: the lowest names the condition, because the others may follow from it."""

    OPERATOR = auto()
    """Nothing at all can be done before."""
    SECRET = auto()
    """No pod that mounts it starts."""
    STORAGE_CLASS = auto()
    """A dependency does not start, and what needs it waits."""
    KIND = auto()
    """One object can't be made; all the others are there."""
    JOB = auto()
    """The release before goes on."""
    POD = auto()
    """It may follow from any of those above."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault; the message ends with what to do next."""

    rank: Rank
    reason: Reason
    message: str
