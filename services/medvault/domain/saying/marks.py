"""Marks of words that catalogues translate: Babel finds them by these names (`make messages`)."""

from typing import NamedTuple


class Counted(NamedTuple):
    """Words that a `{count}` is in: for one, and for many."""

    one: str
    many: str


class Within(NamedTuple):
    """Words that are translated in another way than elsewhere, within this context."""

    context: str
    words: str


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark words; they are translated where they are said."""
    return words
