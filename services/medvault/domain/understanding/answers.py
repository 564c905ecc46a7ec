"""Typed answers to the questions of filing, read as their list or buttons would have it."""

import re
from collections.abc import Sequence

from medvault.domain.replies import clip
from medvault.domain.reports import Detail, ReportType
from medvault.domain.understanding import commands, typed
from medvault.domain.understanding.lexicon import Lexicon

_TITLE = 20
_WORD = re.compile(r"[^\W_]+")


def agrees(text: str, lexicon: Lexicon) -> bool:
    """Whether a text confirms."""
    return _said(text) in lexicon.yes


def wants_change(text: str, lexicon: Lexicon) -> bool:
    """Whether a text asks for a correction, without saying of what."""
    return _said(text) in lexicon.change


def topic(text: str, lexicon: Lexicon) -> Detail | None:
    """The question whose answer a text wants to correct: "date", "change hospital"."""
    said = _said(text)
    for before in lexicon.before_topics:
        said = said.removeprefix(f"{before} ")
    return lexicon.topics.get(said)


def hospital(text: str) -> str | None:
    """Read a hospital's name: 2 to 80 characters with a letter or digit among them."""
    if len(text) > typed.LONGEST_NAME:
        return None
    name = typed.name(text)
    named = 2 <= len(name) <= 80 and any(map(str.isalnum, name))
    return name if named else None


def titles(names: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return the buttons' titles of names of before, by number where the names don't do.

    They don't where they are too long, look alike, or mean something else where they are typed.
    """
    distinct = {typed.label(name) for name in names}
    short = all(len(name) <= _TITLE and commands.parse(name, lexicon) is None for name in names)
    if short and len(distinct) == len(names):
        return list(names)
    return [clip(f"{number}. {name}", _TITLE) for number, name in enumerate(names, start=1)]


def offered(text: str, names: Sequence[str], titles: Sequence[str]) -> str | None:
    """Return which of these names a text is the button's title of.

    In a title that is the name itself, each letter counts: another spelling is another name.
    """
    for name, title in zip(names, titles, strict=True):
        if text == title or (name != title and typed.label(text) == typed.label(title)):
            return name
    return None


def report_type(text: str, lexicon: Lexicon) -> ReportType | None:
    """Read a kind of report: its name, its place on the list, or words that mean one kind only."""
    said = _said(text)
    if (kind := lexicon.kinds.get(said)) is not None:
        return kind
    known = lexicon.kind_words
    meant = {known[word] for word in _WORD.findall(said) if word in known}
    return meant.pop() if len(meant) == 1 else None


def opens_kinds(text: str, lexicon: Lexicon) -> bool:
    """Whether a text is the title of what opens the list of kinds."""
    return _said(text) == lexicon.opens_kinds


def _said(text: str) -> str:
    return typed.plain(text).casefold().strip(" .,!?¡¿")
