"""What is wrong with a vault, in a word and in a sentence that says what to do next."""

from dataclasses import dataclass

from medvault_operator.api.conditions import Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; the message ends with what to do next."""

    reason: Reason
    message: str
