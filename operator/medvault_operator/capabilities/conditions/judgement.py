"""The judgement of one condition."""

from typing import NamedTuple

from medvault_operator.api.conditions import Reason, Status


class Judgement(NamedTuple):
    """A status, its reason in a word, and a sentence that says what to do next."""

    status: Status
    reason: Reason
    message: str
