"""Taps: the meaning of a button or a row, and how its id tells it."""

from enum import StrEnum
from typing import NamedTuple

MAX_ID = 200
"""Characters of the longest id that WhatsApp takes."""

_LONGEST_TURN = 12


class Choice(StrEnum):
    """The choice that a tap makes; the values rest in patients' chats, so none is ever renamed."""

    REPORT = "report"
    MENU = "menu"
    DATE = "date"
    HOSPITAL = "hospital"
    TYPE = "type"
    CONFIRM = "confirm"
    EDIT = "edit"
    CHANGE = "change"
    CANCEL = "cancel"


_AT_ANY_TIME = frozenset({Choice.REPORT, Choice.MENU})
_ALONE = frozenset({Choice.CONFIRM, Choice.EDIT, Choice.CANCEL})


class Tap(NamedTuple):
    """A choice and its value; an answer belongs to the `turn` in which its question was asked."""

    choice: Choice
    value: str = ""
    turn: int | None = None

    @property
    def id(self) -> str:
        """The id of its button or row; raises `ValueError` where that is too long to be sent."""
        if self.choice in _AT_ANY_TIME:
            id = f"{self.choice}:{self.value}"
        elif self.choice in _ALONE:
            id = f"{self.choice}:{self.turn}"
        else:
            id = f"{self.choice}:{self.turn}:{self.value}"
        if len(id) > MAX_ID:
            raise ValueError(f"an id of {len(id)} characters")
        return id

    @classmethod
    def read(cls, id: str) -> "Tap | None":
        """Read an id, also one of an older message; None where none of ours is like that."""
        name, _, rest = id.partition(":")
        try:
            choice = Choice(name)
        except ValueError:
            return None
        if choice in _AT_ANY_TIME:
            return cls(choice, rest)
        number, _, value = rest.partition(":")
        turn = _turn(number)
        return None if turn is None else cls(choice, value, turn)


def _turn(number: str) -> int | None:
    """Read a turn as it was written: no sign, no zero before it, no other script's digits."""
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_TURN):
        return None
    turn = int(number)
    return turn if str(turn) == number else None
