"""The judgement of one condition."""

from typing import NamedTuple

from medvault_operator.api.conditions import Reason, Status


class Judgement(NamedTuple):
    """Whether it holds, why in a word, and why in a sentence that says what to do next."""

    status: Status
    reason: Reason
    message: str
