"""Typed text, freed of what keyboards and copied text add to it.

Work on a text must be small whatever it consists of. Normalising (UAX #15) is quadratic in a run of
combining marks and makes 18 characters of one, so nothing longer than a name is ever normalised.
"""

import unicodedata
from collections.abc import Callable

LONGEST_TEXT = 1024
"""Characters of a text or caption that is looked at: more is no answer, and needs no reading."""

LONGEST_NAME = 240
"""Characters of a name, or of anything else that is normalised."""

_LONGEST_SUFFIX = 10
_TURNS_TEXT = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_QUOTED = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}


def plain(text: str) -> str:
    """Return a text to be compared: one form of each character, digit and dash, single spaces.

    NFKC (UAX #15) leaves the digits of other scripts alone, so they are turned one by one. A text
    beyond `LONGEST_NAME`, also one that would become so, is no command or date in any script: only
    its spaces are looked at.
    """
    if not text.isascii() and len(text) <= LONGEST_NAME:
        found = unicodedata.normalize("NFKC", text)
        text = _each(found, _plain) if len(found) <= LONGEST_NAME else text
    return " ".join(text.split())


def label(text: str) -> str:
    """Return what is shown to be tapped, to be compared: whether it was cut does not count."""
    return plain(text).casefold().strip(" .,!?…")


def name(text: str) -> str:
    """Return a name to be shown: on one line, unquoted, without what can't be seen or stored.

    Joiners stay, since names in Indic scripts are spelt with them. Only the first `LONGEST_NAME`
    characters of a longer text are looked at.
    """
    seen = _each(unicodedata.normalize("NFC", text[:LONGEST_NAME]), _visible)
    found = " ".join(seen.split())
    if len(found) > 1 and _QUOTED.get(found[0]) == found[-1]:
        return found[1:-1].strip()
    return found


def file_name(text: str) -> str:
    """Return a file's name, cut to `LONGEST_NAME` characters before its suffix."""
    if len(text) <= LONGEST_NAME:
        return text
    _, dot, suffix = text.rpartition(".")
    end = f"….{suffix}" if dot and len(suffix) <= _LONGEST_SUFFIX else "…"
    return text[: LONGEST_NAME - len(end)] + end


def _each(text: str, turn: Callable[[str], str]) -> str:
    """Turn each character, a repeated one only once."""
    return text.translate({ord(character): turn(character) for character in set(text)})


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Cf" | "Cs":
            return ""
        case _:
            return character


def _visible(character: str) -> str:
    if unicodedata.category(character) == "Cc":
        return " "
    unstorable = unicodedata.category(character) == "Cs"
    return "" if unstorable or unicodedata.bidirectional(character) in _TURNS_TEXT else character
