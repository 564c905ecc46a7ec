"""Elements of webhooks, cut to what may be looked at."""

from itertools import islice
from typing import Any

from medvault.domain.understanding.typed import LONGEST_TEXT

_MOST = 256
"""Values of an element: a message that a vault understands has about thirty."""

_LONGEST_KEY = 64
_END = 24
"""Characters that stay of a string's end: the suffix of a file's name stands there."""


def bounded(element: dict[str, Any]) -> dict[str, Any]:
    """Return the first values of an element, its strings cut in their middle.

    A string that was cut is one character longer than `LONGEST_TEXT`, and so still known as too
    long.
    """
    plain_first = sorted(
        islice(element.items(), _MOST), key=lambda item: isinstance(item[1], dict | list)
    )
    found: dict[str, Any] = _Cut().value(dict(plain_first))
    return found


class _Cut:
    def __init__(self) -> None:
        self._left = _MOST

    def value(self, value: Any) -> Any:
        self._left -= 1
        if type(value) is str:
            return _cut(value)
        if type(value) is list:
            return [self.value(one) for one in value if self._left > 0]
        if type(value) is dict:
            return {
                key: self.value(one)
                for key, one in value.items()
                if self._left > 0 and len(key) <= _LONGEST_KEY
            }
        return value


def _cut(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[: LONGEST_TEXT - _END]}…{text[-_END:]}"
