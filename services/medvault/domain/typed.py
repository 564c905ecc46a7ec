"""What people type, freed of what keyboards and copied text add to it."""

import unicodedata

_TURNS_TEXT = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_QUOTED = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}


def plain(text: str) -> str:
    """Return a text to be compared: one form of each character, digit and dash, single spaces.

    NFKC (UAX #15) leaves the digits of other scripts alone, so they are turned one by one.
    """
    if not text.isascii():
        text = "".join(map(_plain, unicodedata.normalize("NFKC", text)))
    return " ".join(text.split())


def name(text: str) -> str:
    """Return a name to be shown: on one line, unquoted, without what can't be seen or stored.

    Joiners stay, since names in Indic scripts are spelt with them.
    """
    seen = "".join(map(_visible, unicodedata.normalize("NFC", text)))
    found = " ".join(seen.split())
    if len(found) > 1 and _QUOTED.get(found[0]) == found[-1]:
        return found[1:-1].strip()
    return found


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
