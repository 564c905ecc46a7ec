"""The words that are commands at any moment, whatever was asked."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """A command's name."""

    LIST = "LIST"
    MORE = "MORE"
    GET = "GET"
    HELP = "HELP"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and for GET the number on the list."""

    word: Word
    number: int | None = None


_GET = re.compile(r"GET\s*#?\s*(\d{1,6})")
_ALONE = {word.value: word for word in Word}


def parse(text: str) -> Command | None:
    """Read a command; only the whole text counts, so a hospital may be called "Cancel Clinic"."""
    said = text.strip().strip(".!\"'").upper()
    if said in _ALONE:
        return Command(_ALONE[said])
    if match := _GET.fullmatch(said):
        return Command(Word.GET, int(match[1]))
    return None
