"""Meta's error codes, and what each asks for (Meta, Cloud API: Error Codes)."""

from dataclasses import dataclass
from typing import Any

import orjson

from medvault.domain.outbound import Reaction

_REACTIONS = {
    **dict.fromkeys((4, 80007, 130429), Reaction.NUMBER_RATE),
    131057: Reaction.RETRY,
    131056: Reaction.PAIR_RATE,
    **dict.fromkeys((0, 10, 190, 368, 131031, 131042, 133010), Reaction.STOP_LINE),
    **dict.fromkeys(range(200, 300), Reaction.STOP_LINE),
    131047: Reaction.WINDOW_CLOSED,
    137000: Reaction.IDENTITY_CHANGED,
    **dict.fromkeys(
        (100, 131008, 131009, 131026, 131051, 131053, 131062),
        Reaction.PERMANENT,
    ),
    **dict.fromkeys(range(132000, 133000), Reaction.PERMANENT),
}
# Codes of trouble that met Meta with the message in hand, or before: it may have been sent.
_VAGUE = frozenset((1, 2, 131000, 131016, 133004))
_NO_SUCH_OBJECT = (100, 33)


@dataclass(frozen=True, slots=True)
class GraphError:
    """The codes of an answer's error; both None where it is not Meta's usual error object."""

    code: int | None = None
    subcode: int | None = None

    @property
    def no_such_object(self) -> bool:
        """Whether the id is unknown or expired."""
        return (self.code, self.subcode) == _NO_SUCH_OBJECT


def read_error(answer: bytes) -> GraphError:
    """Read the `error` object of an answer's body."""
    try:
        error = orjson.loads(answer)["error"]
        code, subcode = error.get("code"), error.get("error_subcode")
    except (ValueError, LookupError, TypeError, AttributeError):
        return GraphError()
    return GraphError(number(code), number(subcode))


def number(value: Any) -> int | None:
    """Return what can be an error code: a whole number of 32 bits."""
    return value if type(value) is int and -(2**31) <= value < 2**31 else None


def reaction(code: int | None, status: int) -> Reaction:
    """Decide by the code, and by the HTTP status where the code does not tell.

    A known code that names its reason was given at the door: nothing was sent. With any other,
    or none (then something on the way answered), a server error may have come after the message
    was taken, so only a status can tell. Other answers without a code say nothing against the
    message.
    """
    known = None if code is None else _REACTIONS.get(code)
    if known is not None:
        return known
    if status >= 500:
        return Reaction.UNKNOWN
    if code is None or code in _VAGUE or status == 429:
        return Reaction.RETRY
    if status in (401, 403):
        return Reaction.STOP_LINE
    return Reaction.PERMANENT
