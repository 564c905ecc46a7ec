"""The words that are commands at any moment, whatever was asked."""

import re
from dataclasses import dataclass

from medvault.domain.understanding import typed
from medvault.domain.understanding.lexicon import Lexicon, Word


@dataclass(frozen=True, slots=True)
class Command:
    """A command, for GET with the number on the list, for SET PIN with its digits."""

    word: Word
    number: int | None = None
    digits: str | None = None


_NUMBER = re.compile(r"#? *(\d+)")
_LISTED = re.compile(r"#? *(\d+)[.] *\S.*", re.DOTALL)


def parse(text: str, lexicon: Lexicon) -> Command | None:
    """Read a command; only the whole text counts, so a hospital may be called "Cancel Clinic".

    Quotation marks make a name of it: `"Help"` is the hospital of that name.
    """
    said = _said(text)
    if (word := lexicon.commands.get(said)) is not None:
        return Command(word)
    if match := lexicon.get.fullmatch(said):
        return Command(Word.GET, int(match[1]))
    if match := lexicon.set_pin.fullmatch(said):
        return Command(Word.SET_PIN, digits=re.sub(r"\D", "", match[1]) or None)
    return None


def number(text: str) -> int | None:
    """Read a number that stands alone: after a list it means the report there."""
    match = _NUMBER.fullmatch(_said(text))
    return int(match[1]) if match else None


def listed(text: str) -> int | None:
    """Read the number in front of what may be a report's row on the list: `2. 2 May 2019`."""
    match = _LISTED.fullmatch(_short(text))
    return int(match[1]) if match else None


def _said(text: str) -> str:
    return _short(text).strip(" .!?¡¿").upper()


def _short(text: str) -> str:
    """Nothing longer than a name is a command, so no work is spent on it."""
    text = text.strip()
    return typed.plain(text) if len(text) <= typed.LONGEST_NAME else ""
