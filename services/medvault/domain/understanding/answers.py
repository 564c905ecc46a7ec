"""Typed answers to the questions of filing, read as their list or buttons would have it."""

import re
from collections.abc import Sequence

from medvault.domain.replies import clip
from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying import wording
from medvault.domain.understanding import commands, typed

_YES = {"yes", "y", "ok", "okay", "file", "file it", "confirm", "save"}
_CHANGE = {"change", "edit", "no", "n"}
_TOPICS = {
    "date": Detail.DATE,
    "day": Detail.DATE,
    "hospital": Detail.HOSPITAL,
    "clinic": Detail.HOSPITAL,
    "from": Detail.HOSPITAL,
    "kind": Detail.TYPE,
    "kind of report": Detail.TYPE,
    "type": Detail.TYPE,
}
_TITLE = 20
_WORD = re.compile(r"[^\W_]+")


def agrees(text: str) -> bool:
    """Whether a text confirms."""
    return _said(text) in _YES


def wants_change(text: str) -> bool:
    """Whether a text asks for a correction, without saying of what."""
    return _said(text) in _CHANGE


def topic(text: str) -> Detail | None:
    """The question whose answer a text wants to correct: "date", "change hospital"."""
    return _TOPICS.get(_said(text).removeprefix("change ").removeprefix("the "))


def hospital(text: str) -> str | None:
    """Read a hospital's name: 2 to 80 characters with a letter or digit among them."""
    if len(text) > typed.LONGEST_NAME:
        return None
    name = typed.name(text)
    named = 2 <= len(name) <= 80 and any(map(str.isalnum, name))
    return name if named else None


def titles(names: Sequence[str]) -> list[str]:
    """Return the buttons' titles of names of before, by number where the names don't do.

    They don't where they are too long, look alike, or mean something else where they are typed.
    """
    distinct = {typed.label(name) for name in names}
    short = all(len(name) <= _TITLE and commands.parse(name) is None for name in names)
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


def report_type(text: str) -> ReportType | None:
    """Read a kind of report: its name, its place on the list, or words that mean one kind only."""
    said = _said(text)
    for number, (kind, (title, about)) in enumerate(wording.TYPE_NAMES.items(), start=1):
        shown = (title.casefold(), f"{title} {about}".casefold())
        if said in (kind.value, *shown, str(number)):
            return kind
    words = set(_WORD.findall(said))
    meant = [kind for kind, known in wording.TYPE_WORDS.items() if words & known]
    return meant[0] if len(meant) == 1 else None


def opens_kinds(text: str) -> bool:
    """Whether a text is the title of what opens the list of kinds."""
    return _said(text) == wording.TYPE_MENU.casefold()


def _said(text: str) -> str:
    return typed.plain(text).casefold().strip(" .,!?")
